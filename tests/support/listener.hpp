/// @file
/// Listener: a TCP socket that listens on a free port of loopback as long as it lives. It accepts, and says nothing.
/// The port is none that the kernel gives outgoing connections, so it stays free once nobody listens there.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <random>
#include <stdexcept>

namespace teal {

class Listener {
public:
  explicit Listener(bool v6 = false, int backlog = 8)
      : m_descriptor(::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::random_device random;
    std::uniform_int_distribution<std::uint16_t> ports(10'000, 30'000);
    int fault = 0;
    do {
      m_port = ports(random);
      fault = bind_to_loopback(v6) ? 0 : errno;
    } while (fault == EADDRINUSE);
    if (fault != 0 || ::listen(m_descriptor, backlog) != 0) {
      ::close(m_descriptor);
      throw std::runtime_error("cannot listen on loopback");
    }
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(m_descriptor); }

  [[nodiscard]] std::uint16_t port() const { return m_port; }

private:
  [[nodiscard]] bool bind_to_loopback(bool v6) const {
    sockaddr_in6 address6{};
    address6.sin6_family = AF_INET6;
    address6.sin6_port = htons(m_port);
    address6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    sockaddr_in address4{};
    address4.sin_family = AF_INET;
    address4.sin_port = htons(m_port);
    address4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::bind(m_descriptor, v6 ? reinterpret_cast<sockaddr*>(&address6) : reinterpret_cast<sockaddr*>(&address4),
                  v6 ? sizeof(address6) : sizeof(address4)) == 0;
  }

  int m_descriptor;
  std::uint16_t m_port = 0;
};

} // namespace teal
