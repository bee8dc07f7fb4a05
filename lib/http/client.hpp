/// @file
/// HTTP client: one request, one answer, over TCP, TLS or a Unix socket, within a deadline.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace teal::http {

using Headers = std::map<std::string, std::string>;

/// PEM files of a TLS client; empty ones count as not given.
struct TlsClientFiles {
  std::string ca;          ///< whom a server's certificate must come from; without: those that this host trusts
  std::string certificate; ///< ours, where the server wants one; with its key
  std::string key;
};

struct Endpoint {
  enum class Kind { unix_socket, tcp, tls };
  Kind kind = Kind::tcp;
  std::string host;        ///< a name or an address; for a Unix socket its path
  std::uint16_t port = 80; ///< not for Unix sockets
  TlsClientFiles files = {};
};

/// The host as it stands before ":port": "shop.example.com", "[::1]".
[[nodiscard]] std::string host_of(const Endpoint& endpoint);
/// "unix:///run/x.sock", "tcp://h:2375", "http://h:80", "https://h". Throws Error(usage) on anything else.
[[nodiscard]] Endpoint parse_endpoint(std::string_view url);

struct Request {
  std::string method = "GET";
  std::string target = "/"; ///< path and query, already encoded
  Headers headers;          ///< Host and Content-Length are added where missing
  std::string body;
  /// Given the answer's body as it comes, in place of Response::body and of any size; not where it is a refusal (400 or
  /// more). What it throws ends the request.
  std::function<void(std::string_view)> on_body = {};
};

struct Response {
  int status = 0;
  Headers headers; ///< names in lower case; the last of several with one name
  std::string body;
};

struct Limits {
  Milliseconds connect = std::chrono::seconds(5);
  Milliseconds total = std::chrono::seconds(60); ///< from the start to the body's last byte
  std::size_t body = std::size_t{64} << 20U;     ///< bytes; more is an error
  std::stop_token interrupt = {};                ///< ends it once that is asked for; may be of nobody
};

/// Nobody could be connected to, so nothing was sent.
class NoConnection : public Error {
public:
  NoConnection(ErrorKind kind, const std::string& message, std::string reason, int error_number)
      : Error(kind, message), m_reason(std::move(reason)), m_error_number(error_number) {}
  /// "connection refused", "its certificate is refused: certificate has expired".
  [[nodiscard]] const std::string& reason() const noexcept { return m_reason; }
  /// The system's, 0 where it is not the system that failed.
  [[nodiscard]] int error_number() const noexcept { return m_error_number; }

private:
  std::string m_reason;
  int m_error_number;
};

/// Keeps its connection for the next request where the server allows; a connection that the server closed meanwhile is
/// made anew once. Not for several threads at a time.
class Client {
public:
  explicit Client(Endpoint endpoint);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Any status is a Response. Throws Error(timeout) past a limit, Error(busy) if interrupted, else Error(environment)
  /// saying what failed; NoConnection before anything was sent: "cannot connect to '/run/x.sock': permission denied".
  [[nodiscard]] Response request(const Request& request, const Limits& limits = {});

private:
  struct Exchange;
  std::unique_ptr<Exchange> m_exchange;
};

/// `text` with all but unreserved characters percent-encoded, for one path segment or query value.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// RFC 4648 with padding.
[[nodiscard]] std::string base64(std::string_view bytes);
/// Nothing for what is empty, or not that.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
/// The header Authorization of a forge's token, "USER:TOKEN" or one alone, which GitHub, GitLab and Heroku take with
/// any user.
[[nodiscard]] std::string basic_authorization(const std::string& token);

} // namespace teal::http
