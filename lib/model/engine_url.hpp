/// @file
/// EngineUrl: where a container engine is: a socket of this host, or another host by TCP or by ssh.
///
/// Invariant: user and host of one by ssh are safe words: no options to ssh's command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

struct EngineUrl {
  enum class Scheme { unix_socket, tcp, http, https, ssh };
  Scheme scheme = Scheme::unix_socket;
  std::string user;       ///< by ssh; may be empty: the one that its configuration says
  std::string host;       ///< a name, or an address without brackets; empty for a socket of this host
  std::uint16_t port = 0; ///< 0: the usual one
  std::string path;       ///< of the socket, here or, by ssh, there

  /// "unix:///var/run/docker.sock", "tcp://10.0.0.7:2376", "ssh://deploy@10.0.0.7:22/run/podman/podman.sock"; by ssh
  /// the path may be left out: then it is Docker's usual one. Nothing for what is none of these.
  [[nodiscard]] static std::optional<EngineUrl> parse(std::string_view text);

  /// Containers of a local engine have addresses that this host can reach, and its files are this host's.
  [[nodiscard]] bool is_local() const { return scheme == Scheme::unix_socket; }
};

} // namespace teal
