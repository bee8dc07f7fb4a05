/// @file
/// Backend: a small web server on loopback, which stands for a container; and Visitor, who asks over a socket of its
/// own.
#pragma once

#include "route/table.hpp"
#include "unit/http/scripted_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace teal {

/// Of the body that follows.
inline std::size_t length_of(std::string head) {
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto at = head.find("content-length:");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 15));
}

/// Answers every request with its name, and keeps connections open. What it does else depends on the path:
///   /slow   waits for release()          /head   answers the request's head, as it came
///   /error  answers 500                  /gone   closes the connection without an answer
///   /read   answers how long the body is; a body of another path is thrown away after the answer
/// A websocket is accepted, and hears its own words until it closes.
class Backend {
public:
  explicit Backend(std::string name, const std::string& address = "127.0.0.1") : m_name(std::move(name)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    ::inet_pton(AF_INET, address.c_str(), &own.sin_addr);
    socklen_t size = sizeof own;
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(m_listener, reinterpret_cast<sockaddr*>(&own), size) != 0 || ::listen(m_listener, 128) != 0 ||
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
      throw std::runtime_error("a backend cannot listen");
    }
    m_server = {.container = container_of(m_name), .address = address, .port = ntohs(own.sin_port)};
    m_thread = std::thread([this] { accept_all(); });
  }
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  ~Backend() {
    release();
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    ::close(m_listener);
    for (Connection& connection : m_connections) {
      ::shutdown(connection.number, SHUT_RDWR);
      connection.end();
    }
  }

  [[nodiscard]] route::Server server(unsigned weight = 100) const {
    route::Server server = m_server;
    server.weight = weight;
    return server;
  }
  /// How many wait for an answer from /slow.
  [[nodiscard]] int waiting() {
    const std::lock_guard hold(m_mutex);
    return m_waiting;
  }
  /// Answers them, and all later ones at once.
  void release() {
    const std::lock_guard hold(m_mutex);
    m_released = true;
    m_changed.notify_all();
  }

private:
  struct Connection {
    explicit Connection(int socket) : number(socket) {}
    void end() {
      thread.join();
      ::close(number);
    }

    int number;
    std::atomic<bool> is_over = false;
    std::thread thread;
  };

  /// 64 hex digits that no other name has.
  static std::string container_of(const std::string& name) {
    const std::string digits = fmt::format("{:016x}", std::hash<std::string>()(name));
    return digits + digits + digits + digits;
  }

  void accept_all() {
    for (;;) {
      const int number = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (number < 0) {
        return;
      }
      end_those_that_are_over();
      Connection& connection = m_connections.emplace_back(number);
      connection.thread = std::thread([this, &connection] { serve(connection); });
    }
  }

  void end_those_that_are_over() {
    for (auto connection = m_connections.begin(); connection != m_connections.end();) {
      const auto next = std::next(connection);
      if (connection->is_over) {
        connection->end();
        m_connections.erase(connection);
      }
      connection = next;
    }
  }

  void serve(Connection& connection) {
    converse(connection.number);
    ::shutdown(connection.number, SHUT_RDWR);
    connection.is_over = true;
  }

  void converse(int connection) {
    for (std::string head = next_head(connection); !head.empty(); head = next_head(connection)) {
      const std::string path = head.substr(head.find(' ') + 1, head.find(' ', head.find(' ') + 1) - head.find(' ') - 1);
      if (path == "/gone") {
        break;
      }
      if (path == "/websocket") {
        echo(connection);
        break;
      }
      if (path == "/slow") {
        wait_for_release();
      }
      const std::size_t size = length_of(head);
      const std::string body = path == "/head" ? head : path == "/read" ? read_body(connection, size) : m_name;
      send_text(connection, fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}",
                                        path == "/error" ? "500 Internal Server Error" : "200 OK", body.size(), body));
      if (size > 0 && path != "/read") {
        take_leave(connection);
        break;
      }
    }
  }

  /// As RFC 9112, 9.6 advises: what is closed while something comes in is reset, and the answer may be lost with it.
  static void take_leave(int connection) {
    ::shutdown(connection, SHUT_WR);
    std::array<char, 4096> unread{};
    while (::recv(connection, unread.data(), unread.size(), 0) > 0) {
    }
  }

  /// And nothing of what follows it.
  static std::string next_head(int connection) {
    std::string head;
    char next = 0;
    while (!head.ends_with("\r\n\r\n") && ::recv(connection, &next, 1, 0) == 1) {
      head += next;
    }
    return head;
  }

  static std::string read_body(int connection, std::size_t size) {
    std::array<char, 4096> piece{};
    for (std::size_t left = size; left > 0;) {
      const ssize_t count = ::recv(connection, piece.data(), std::min(left, piece.size()), 0);
      if (count <= 0) {
        return "half a body";
      }
      left -= static_cast<std::size_t>(count);
    }
    return fmt::format("{}\n", size);
  }

  static void echo(int connection) {
    send_text(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    for (std::string line = receive_until(connection, "\n"); !line.empty(); line = receive_until(connection, "\n")) {
      send_text(connection, line);
    }
  }

  void wait_for_release() {
    std::unique_lock hold(m_mutex);
    ++m_waiting;
    m_changed.wait(hold, [this] { return m_released; });
    --m_waiting;
  }

  std::string m_name;
  route::Server m_server;
  int m_listener = -1;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  bool m_released = false;
  int m_waiting = 0;
  std::thread m_thread;
  std::list<Connection> m_connections; // its own thread's, until that ended
};

/// What asks for a websocket, with the key of RFC 6455's example.
inline const char* const k_websocket_headers =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// One connection to a port of loopback. Nothing it waits for takes longer than ten seconds.
class Visitor {
public:
  explicit Visitor(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr timeval k_patience{10, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &k_patience, sizeof k_patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    m_connected = ::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  ~Visitor() { ::close(m_socket); }

  void ask(const std::string& path, const std::string& headers = "", const std::string& host = "localhost") const {
    send_text(m_socket, fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host, headers));
  }
  void say(const std::string& line) const { send_text(m_socket, line); }
  [[nodiscard]] std::string hear() const { return receive_until(m_socket, "\n"); }

  struct Answer {
    int status = 0; ///< 0: there was none, or not all of it
    std::string body;
  };
  [[nodiscard]] Answer answer() const {
    std::string text = m_connected ? receive_more("") : "";
    while (!text.empty() && text.find("\r\n\r\n") == std::string::npos) {
      text = receive_more(text);
    }
    if (text.size() < k_status_end || !text.starts_with("HTTP/1.")) {
      return {};
    }
    const std::size_t body = text.find("\r\n\r\n") + 4;
    const std::size_t end = body + length_of(text.substr(0, body));
    while (!text.empty() && text.size() < end) {
      text = receive_more(text);
    }
    return text.empty() ? Answer() : Answer{std::stoi(text.substr(k_status_end - 3, 3)), text.substr(body)};
  }

private:
  static constexpr std::size_t k_status_end = 12; ///< "HTTP/1.1 200"

  /// `text` and what comes next; nothing if that is the end.
  [[nodiscard]] std::string receive_more(const std::string& text) const {
    std::array<char, 4096> piece{};
    const ssize_t count = ::recv(m_socket, piece.data(), piece.size(), 0);
    return count <= 0 ? "" : text + std::string(piece.data(), static_cast<std::size_t>(count));
  }
  int m_socket;
  bool m_connected = false;
};

/// A request on a connection of its own.
inline Visitor::Answer visit(std::uint16_t port, const std::string& path = "/", const std::string& host = "localhost") {
  const Visitor visitor(port);
  visitor.ask(path, "", host);
  return visitor.answer();
}

} // namespace teal
