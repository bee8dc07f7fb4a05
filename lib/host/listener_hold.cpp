#include "host/listener_hold.hpp"

#include "core/pidfd.hpp"
#include "host/sock_diag.hpp"
#include "host/socket_table.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <tuple>

namespace teal {

namespace {

constexpr Milliseconds k_pause{2}; ///< the kernel tells nobody that a handshake has ended

/// Of the sockets of a port, numbered from 0 in the order they came, the second is chosen; where there is none, the
/// kernel falls back to the only one. The filter stays with the port as long as anybody listens there.
void prefer_newer(int listener) {
  std::array<sock_filter, 1> choice{{{BPF_RET | BPF_K, 0, 0, 1}}};
  const sock_fprog program{choice.size(), choice.data()};
  ::setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

bool shares_port(int listener) {
  int shared = 0;
  socklen_t size = sizeof shared;
  return ::getsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &shared, &size) == 0 && shared != 0;
}

std::uint16_t port_of(int listener) {
  sockaddr_in6 address{}; // has its port where sockaddr_in has it
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);
}

/// Who connects, and to where.
using Handshake = std::tuple<std::array<std::uint32_t, 4>, std::uint16_t, std::uint16_t>;

std::set<Handshake> handshakes_at(const std::set<std::uint16_t>& ports) {
  std::set<Handshake> found;
  const SocketQuestion question = ask_for(1U << static_cast<unsigned>(TCP_SYN_RECV));
  for_each_socket(&question, sizeof question, [&](const inet_diag_msg& socket) {
    if (ports.contains(ntohs(socket.id.idiag_sport))) {
      found.emplace(std::to_array(socket.id.idiag_dst), socket.id.idiag_dport, socket.id.idiag_sport);
    }
  });
  return found;
}

void await_all(const std::set<Handshake>& awaited, const std::set<std::uint16_t>& ports, Milliseconds patience) {
  const Stopwatch stopwatch;
  for (std::set<Handshake> present = awaited; stopwatch.elapsed() < patience; present = handshakes_at(ports)) {
    if (std::none_of(awaited.begin(), awaited.end(), [&](const Handshake& one) { return present.contains(one); })) {
      return;
    }
    std::this_thread::sleep_for(k_pause);
  }
}

} // namespace

ListenerHold::ListenerHold(pid_t process) {
  std::set<std::uint64_t> inodes;
  for (const TcpListener& listener : tcp_listeners(process)) {
    inodes.insert(listener.inode);
  }
  const Descriptor handle(open_pidfd(process));
  for (const int number : descriptors_of(process, inodes)) {
    Descriptor socket(copy_from_pidfd(handle.number(), number));
    if (socket && shares_port(socket.number())) {
      prefer_newer(socket.number());
      m_ports.insert(port_of(socket.number()));
      m_sockets.push_back(std::move(socket));
    }
  }
}

void ListenerHold::await_handshakes(Milliseconds patience) const noexcept {
  if (m_sockets.empty()) {
    return;
  }
  try {
    await_all(handshakes_at(m_ports), m_ports, patience);
  } catch (const std::exception&) { // the kernel does not tell
  }
}

bool may_hold_listeners(pid_t process) {
  const Descriptor handle(open_pidfd(process));
  return Descriptor(copy_from_pidfd(handle.number(), STDIN_FILENO)) || errno != EPERM;
}

} // namespace teal
