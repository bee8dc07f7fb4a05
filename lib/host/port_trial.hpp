/// @file
/// Port trial: whether a program of this host could listen on a TCP port, and what is in its way.
/// The kernel gives outgoing connections ports of its own choice (ip(7): ip_local_port_range), for the connection's
/// life and a minute after; nobody can listen on such a port meanwhile, and no program owns it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace teal {

/// 0, or the `errno` of who would listen there: EADDRINUSE, EACCES, EADDRNOTAVAIL; EINVAL if `address` is neither IPv4
/// nor IPv6. Who shares the port (SO_REUSEPORT) with a program of the same user is not refused.
[[nodiscard]] int try_listening(const std::string& address, std::uint16_t port);

/// In whose hands a port is that gave EADDRINUSE: "pid 812 (nginx)", "an outgoing connection ...".
[[nodiscard]] std::string describe_holder(std::uint16_t port);

/// Whether the kernel may choose the port for an outgoing connection. `range` and `reserved` are the contents of
/// net.ipv4.ip_local_port_range ("32768\t60999") and ip_local_reserved_ports ("8080,50100-50199").
[[nodiscard]] bool may_go_to_connections(std::uint16_t port, std::string_view range, std::string_view reserved);
/// The same with what this kernel has; false if that cannot be read.
[[nodiscard]] bool may_go_to_connections(std::uint16_t port);

} // namespace teal
