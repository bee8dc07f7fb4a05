/// @file
/// ScriptedServer: a real socket whose connections a test answers byte by byte, as no well-behaved server would.
#pragma once

#include "http/client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace teal {

class ScriptedServer {
public:
  /// Called with each connection, one after another; it is closed when the script returns.
  using Script = std::function<void(int connection)>;

  explicit ScriptedServer(Script script) : ScriptedServer(AF_INET, std::move(script)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    start(reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_endpoint = {http::Endpoint::Kind::tcp, "127.0.0.1", ntohs(address.sin_port)};
  }

  ScriptedServer(const std::filesystem::path& socket, Script script) : ScriptedServer(AF_UNIX, std::move(script)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    start(reinterpret_cast<sockaddr*>(&address), sizeof address);
    m_endpoint = {http::Endpoint::Kind::unix_socket, socket.string(), 0};
  }

  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  ~ScriptedServer() {
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    ::close(m_listener);
  }

  [[nodiscard]] const http::Endpoint& endpoint() const { return m_endpoint; }
  [[nodiscard]] int connections() const { return m_connections; }

private:
  ScriptedServer(int family, Script script)
      : m_script(std::move(script)), m_listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

  void start(const sockaddr* address, socklen_t size) {
    if (::bind(m_listener, address, size) != 0 || ::listen(m_listener, 8) != 0) {
      throw std::runtime_error("cannot listen");
    }
    m_thread = std::thread([this] { serve(); });
  }

  void serve() {
    for (;;) {
      const int connection = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) {
        return;
      }
      ++m_connections;
      m_script(connection);
      ::close(connection);
    }
  }

  Script m_script;
  int m_listener;
  http::Endpoint m_endpoint;
  std::atomic<int> m_connections = 0;
  std::thread m_thread;
};

inline void send_text(int connection, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

/// What the client sends until `end` is seen or it closes.
inline std::string receive_until(int connection, const std::string& end) {
  std::string text;
  std::array<char, 4096> piece{};
  while (!text.ends_with(end)) {
    const ssize_t count = ::recv(connection, piece.data(), piece.size(), 0);
    if (count <= 0) {
      break;
    }
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// One request without a body.
inline std::string receive_head(int connection) {
  return receive_until(connection, "\r\n\r\n");
}

} // namespace teal
