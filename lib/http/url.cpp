#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

namespace teal::http {

namespace {

struct Scheme {
  std::string_view prefix;
  Endpoint::Kind kind;
  std::uint16_t port;
};

constexpr std::string_view k_unix_prefix = "unix://";
constexpr std::array<Scheme, 3> k_schemes{{{"tcp://", Endpoint::Kind::tcp, 2375}, // the engine's plain port
                                           {"http://", Endpoint::Kind::tcp, 80},
                                           {"https://", Endpoint::Kind::tls, 443}}};

[[noreturn]] void refuse(std::string_view url, std::string_view why) {
  throw Error(ErrorKind::usage, fmt::format("cannot use '{}' as an address: {}", printable(url), why));
}

std::uint16_t require_port(std::string_view url, std::string_view text) {
  const auto port = parse_port(text);
  if (!port) {
    refuse(url, "its port is not a number from 1 to 65535");
  }
  return *port;
}

/// "name", "name:port", "[address]" or "[address]:port".
Endpoint parse_authority(std::string_view url, std::string_view authority, const Scheme& scheme) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : authority.find(':');
  const std::string_view host = authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  std::string_view rest;
  if (host_end != std::string_view::npos) {
    rest = authority.substr(host_end + (bracketed ? 1 : 0));
  } else if (bracketed) {
    refuse(url, "a ']' is missing");
  }
  if (host.empty() || host.find_first_of("/?#@[] \t\r\n") != std::string_view::npos) {
    refuse(url, "it must be a host and perhaps a port, nothing else");
  }
  if (rest.empty()) {
    return {scheme.kind, std::string(host), scheme.port};
  }
  if (rest.front() != ':') {
    refuse(url, "behind ']' comes ':' and a port, or nothing");
  }
  return {scheme.kind, std::string(host), require_port(url, rest.substr(1))};
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos; // RFC 3986, 2.3
}

} // namespace

Endpoint parse_endpoint(std::string_view url) {
  if (url.starts_with(k_unix_prefix)) {
    const std::string_view path = url.substr(k_unix_prefix.size());
    if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) {
      refuse(url, "a Unix socket is an absolute path");
    }
    return {Endpoint::Kind::unix_socket, std::string(path), 0};
  }
  const auto* scheme = std::find_if(k_schemes.begin(), k_schemes.end(),
                                    [&](const Scheme& known) { return url.starts_with(known.prefix); });
  if (scheme == k_schemes.end()) {
    refuse(url, "use unix:///PATH, tcp://HOST:PORT, http://HOST or https://HOST");
  }
  std::string_view authority = url.substr(scheme->prefix.size());
  if (authority.ends_with('/')) {
    authority.remove_suffix(1);
  }
  return parse_authority(url, authority, *scheme);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string base64(std::string_view bytes) {
  std::string encoded((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP_EncodeBlock ends its text with a NUL
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return encoded;
}

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t digits = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - digits;
  if (text.empty() || text.size() % 4 != 0 || padding > 2 ||
      text.substr(0, digits).find_first_not_of(k_digits) != std::string_view::npos ||
      text.substr(digits).find_first_not_of('=') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::string basic_authorization(const std::string& token) {
  return "Basic " + base64(token.find(':') == std::string::npos ? "x-access-token:" + token : token);
}

} // namespace teal::http
