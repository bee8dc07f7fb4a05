/// @file
/// sock_diag(7): the kernel's own list of TCP sockets. Private to this folder.
#pragma once

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace teal {

/// The older form, which asks for IPv4 and IPv6 at once: each walk through the kernel's table takes up to 10 ms.
struct SocketQuestion {
  nlmsghdr header;
  inet_diag_req request;
};

/// For the TCP sockets in one of `states`: bits, numbered as in <netinet/tcp.h>. `size` counts what follows the
/// question, too.
[[nodiscard]] SocketQuestion ask_for(std::uint32_t states, std::size_t size = sizeof(SocketQuestion));

/// Calls `on_socket` with each that the kernel names. Throws Error(environment) if it does not answer.
void for_each_socket(const void* question, std::size_t size,
                     const std::function<void(const inet_diag_msg&)>& on_socket);

} // namespace teal
