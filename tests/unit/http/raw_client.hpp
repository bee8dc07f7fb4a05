/// @file
/// RawClient: a socket to a server on loopback that sends what it is told, byte by byte if need be, and shows all that
/// comes back.
#pragma once

#include "support/catch.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace teal {

class RawClient {
public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer != 0) {
      ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(m_socket);
      throw std::runtime_error("cannot connect to the server");
    }
  }
  RawClient(RawClient&& from) noexcept
      : m_socket(std::exchange(from.m_socket, -1)), m_received(std::move(from.m_received)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { hang_up(); }

  void hang_up() {
    if (m_socket >= 0) {
      ::close(std::exchange(m_socket, -1));
    }
  }
  /// False if the other side takes no more.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(m_socket, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// All that has come once `end` is in it; what follows it stays for the next time. Fails the test after ten seconds.
  std::string receive_until(std::string_view end) {
    while (m_received.find(end) == std::string::npos) {
      if (!receive_some()) {
        FAIL("the connection ended before '" << end << "'; there was: " << m_received);
      }
    }
    const std::size_t size = m_received.find(end) + end.size();
    std::string text = m_received.substr(0, size);
    m_received.erase(0, size);
    return text;
  }
  /// All until the other side closes.
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(m_received, {});
  }
  /// The next response with a Content-Length; its head and body.
  std::string receive_response() {
    std::string head = receive_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    std::size_t left = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    while (m_received.size() < left && receive_some()) {
    }
    left = std::min(left, m_received.size());
    head += m_received.substr(0, left);
    m_received.erase(0, left);
    return head;
  }
  /// Whether the other side has closed, waiting for that.
  bool is_closed() { return receive_all().empty(); }
  [[nodiscard]] int descriptor() const { return m_socket; }

private:
  bool receive_some() {
    pollfd watched{m_socket, POLLIN, 0};
    if (::poll(&watched, 1, 10'000) != 1) {
      FAIL("nothing came from the server; there was: " << m_received);
    }
    std::array<char, 65536> bytes{};
    const ssize_t size = ::recv(m_socket, bytes.data(), bytes.size(), 0);
    m_received.append(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return size > 0;
  }

  int m_socket;
  std::string m_received;
};

inline const std::string k_get = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

/// One request on a connection of its own, and the response to it.
inline std::string ask(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  client.send(request);
  return client.receive_response();
}

} // namespace teal
