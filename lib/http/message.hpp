/// @file
/// Message: a request as a server got it and the response it gives, plain values of whole texts.
///
/// Invariant: headers are kept as they were sent, in order, duplicates among them; what decides about trust asks for
/// only(), which has nothing where a stranger sent a second one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teal::http {

struct Header {
  std::string name;
  std::string value;
};

class HeaderList {
public:
  HeaderList() = default;
  HeaderList(std::initializer_list<Header> headers) : m_headers(headers) {}

  void add(std::string name, std::string value) { m_headers.push_back({std::move(name), std::move(value)}); }
  /// The first of that name, whatever its case; empty where there is none.
  [[nodiscard]] std::string_view first(std::string_view name) const;
  /// The value of the one header of that name; nothing where there is none, or several.
  [[nodiscard]] std::optional<std::string_view> only(std::string_view name) const;
  /// All of that name, joined with ", " as RFC 9110, 5.3 has it.
  [[nodiscard]] std::string joined(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] auto begin() const { return m_headers.begin(); }
  [[nodiscard]] auto end() const { return m_headers.end(); }

private:
  std::vector<Header> m_headers;
};

struct ServerRequest {
  std::string method; ///< one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
  std::string target; ///< as it was sent
  std::string path;   ///< percent-decoded, without control characters; starts with '/', or is "*" for OPTIONS
  std::string query;  ///< what follows '?', as it was sent
  HeaderList headers;
  std::string body;
  std::string peer; ///< numeric address of the other end of the connection, see peer.hpp for proxies
  std::uint16_t peer_port = 0;
  bool is_tls = false;

  /// Of "name=value&…", percent-decoded, '+' as a space. Nothing where it is missing.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

struct ServerResponse {
  int status = 200;
  HeaderList headers; ///< Content-Length, Date and Connection are the server's own to add
  std::string body;
};

/// `text` as JSON has it, in quotes; what is no UTF-8 is replaced.
[[nodiscard]] std::string json_text(std::string_view text);
/// {"error": REASON}.
[[nodiscard]] ServerResponse error_response(int status, std::string_view reason);
/// `body` is JSON text.
[[nodiscard]] ServerResponse json_response(int status, std::string body);

/// What "%2F" and its like stand for; nothing for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
[[nodiscard]] bool equal_names(std::string_view one, std::string_view two) noexcept;

} // namespace teal::http
