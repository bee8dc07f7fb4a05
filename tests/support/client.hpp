/// @file
/// Client: somebody who asks a port of this host for its page over and over, in one of the ways that programs do. It is
/// as strict as HTTP allows, and asks nothing twice: a kept connection that is closed under a request is a fault, one
/// that was announced to be closed, or was closed before the request, is not.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

enum class ClientKind {
  fresh,          ///< a connection for each request
  kept,           ///< one connection, HTTP/1.1
  posting,        ///< on it, a body that is read before it is answered: /read
  answered_early, ///< on it, a body that is answered before it is read
  http10,         ///< HTTP/1.0
  pipelining,     ///< three requests at once on a kept connection
  upgraded        ///< a websocket that hears its own words: /websocket
};

inline constexpr std::array k_client_kinds{ClientKind::fresh,          ClientKind::kept,   ClientKind::posting,
                                           ClientKind::answered_early, ClientKind::http10, ClientKind::pipelining,
                                           ClientKind::upgraded};

[[nodiscard]] std::string_view to_string(ClientKind kind);

class Client {
public:
  struct Asked {
    int requests = 0;
    std::vector<std::string> faults; ///< a request each, in words
  };

  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;
  /// A request, or what belongs together, and its answers. Nothing takes longer than ten seconds.
  virtual Asked ask() = 0;
};

/// `path` is what a fresh one asks for.
[[nodiscard]] std::unique_ptr<Client> make_client(ClientKind kind, std::uint16_t port, std::string path = "/");

} // namespace teal
