/// @file
/// SharedListener: a TCP socket that listens on a port of loopback beside others, as a server's that opens its port
/// anew before it closes it. Nobody accepts its connections.
#pragma once

#include "core/descriptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>

namespace teal {

class SharedListener {
public:
  enum class Handshake { usual, until_data }; ///< until_data: it has not ended before the client says something

  /// `port` 0: one of the kernel's choice.
  explicit SharedListener(std::uint16_t port = 0, Handshake handshake = Handshake::usual)
      : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr int k_yes = 1;
    constexpr int k_seconds = 30;
    constexpr int k_backlog = 128;
    const int number = m_socket.number();
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    ::setsockopt(number, SOL_SOCKET, SO_REUSEPORT, &k_yes, sizeof k_yes);
    if (handshake == Handshake::until_data) {
      ::setsockopt(number, IPPROTO_TCP, TCP_DEFER_ACCEPT, &k_seconds, sizeof k_seconds);
    }
    if (::bind(number, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(number, k_backlog) != 0 ||
        ::getsockname(number, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    m_port = ntohs(address.sin_port);
  }

  [[nodiscard]] std::uint16_t port() const { return m_port; }
  /// How many connections could be accepted.
  [[nodiscard]] std::uint32_t waiting() const {
    tcp_info info{};
    socklen_t size = sizeof info;
    ::getsockopt(m_socket.number(), IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_unacked; // which is that, of one that listens
  }

private:
  Descriptor m_socket;
  std::uint16_t m_port = 0;
};

} // namespace teal
