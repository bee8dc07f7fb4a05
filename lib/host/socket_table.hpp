/// @file
/// The kernel's tables of TCP sockets, as /proc shows them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace teal {

struct TcpListener {
  std::uint16_t port = 0;
  bool loopback = false;   ///< reachable from this host only
  std::uint64_t inode = 0; ///< of the socket, as /proc/PID/fd names it
};

/// All listening sockets, IPv4 and IPv6, of the network namespace of `pid`; empty if it cannot be seen.
[[nodiscard]] std::vector<TcpListener> tcp_listeners(pid_t pid);

/// The descriptors of `process` that are one of these sockets, as far as we may see them.
[[nodiscard]] std::vector<int> descriptors_of(pid_t process, const std::set<std::uint64_t>& inodes);

/// Whether any process of the network namespace of `pid` tried to connect or send to anybody yet; nothing if it cannot
/// be seen.
[[nodiscard]] std::optional<bool> has_reached_out(pid_t pid);
/// The same of where no route leads.
[[nodiscard]] std::optional<bool> has_found_no_route(pid_t pid);

} // namespace teal
