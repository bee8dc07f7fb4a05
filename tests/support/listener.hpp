/// @file
/// Listener: a TCP socket that listens on a free port of loopback as long as it lives. It accepts, and says nothing.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace teal {

class Listener {
public:
  explicit Listener(bool v6 = false, int backlog = 8)
      : m_descriptor(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 address6{};
    address6.sin6_family = AF_INET6;
    address6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    sockaddr_in address4{};
    address4.sin_family = AF_INET;
    address4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* address = v6 ? reinterpret_cast<sockaddr*>(&address6) : reinterpret_cast<sockaddr*>(&address4);
    socklen_t size = v6 ? sizeof(address6) : sizeof(address4);
    if (::bind(m_descriptor, address, size) != 0 || ::listen(m_descriptor, backlog) != 0 ||
        ::getsockname(m_descriptor, address, &size) != 0) {
      ::close(m_descriptor);
      throw std::runtime_error("cannot listen on loopback");
    }
    m_port = ntohs(v6 ? address6.sin6_port : address4.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(m_descriptor); }

  [[nodiscard]] std::uint16_t port() const { return m_port; }

private:
  int m_descriptor;
  std::uint16_t m_port = 0;
};

} // namespace teal
