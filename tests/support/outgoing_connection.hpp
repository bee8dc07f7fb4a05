/// @file
/// OutgoingConnection: a TCP connection from and to loopback, whose own port nobody can listen on as long as it lives.
#pragma once

#include "core/descriptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace teal {

class OutgoingConnection {
public:
  /// To a listener; from port `from`, or one of the kernel's choice.
  explicit OutgoingConnection(std::uint16_t to, std::uint16_t from = 0)
      : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in source = loopback(from);
    sockaddr_in target = loopback(to);
    socklen_t size = sizeof source;
    if (::bind(m_socket.number(), reinterpret_cast<sockaddr*>(&source), size) != 0 ||
        ::connect(m_socket.number(), reinterpret_cast<sockaddr*>(&target), size) != 0 ||
        ::getsockname(m_socket.number(), reinterpret_cast<sockaddr*>(&source), &size) != 0) {
      throw std::runtime_error("cannot connect to loopback");
    }
    m_port = ntohs(source.sin_port);
  }

  [[nodiscard]] std::uint16_t port() const { return m_port; }
  void send(std::string_view text) const { static_cast<void>(::send(m_socket.number(), text.data(), text.size(), 0)); }

private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  Descriptor m_socket;
  std::uint16_t m_port = 0;
};

} // namespace teal
