#include "support/wire.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace teal {

namespace {

constexpr timeval k_patience{10, 0};
constexpr std::size_t k_status_at = 9; ///< "HTTP/1.1 200"
constexpr int k_switching = 101;

std::string value_of(const std::string& head, std::string_view name) {
  const auto at = head.find(fmt::format("\r\n{}:", name));
  if (at == std::string::npos) {
    return "";
  }
  const auto begin = head.find_first_not_of(' ', at + name.size() + 3);
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

} // namespace

void Wire::connect() {
  if (is_connected() && !was_closed()) {
    return;
  }
  hang_up();
  m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &k_patience, sizeof k_patience);
  ::setsockopt(m_socket, SOL_SOCKET, SO_SNDTIMEO, &k_patience, sizeof k_patience);
  const int on = 1; // or what is said in two pieces takes 40 ms
  ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(m_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    m_why = fmt::format("cannot connect: {}", std::strerror(errno));
    ::close(m_socket);
    m_socket = -1;
  }
}

void Wire::hang_up() {
  if (is_connected()) {
    ::close(m_socket);
  }
  m_socket = -1;
  m_answers = 0;
  m_received.clear();
}

bool Wire::was_closed() const {
  char next = 0;
  const ssize_t size = ::recv(m_socket, &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN);
}

bool Wire::send(std::string_view text) const {
  while (is_connected() && !text.empty()) {
    const ssize_t sent = ::send(m_socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return is_connected();
}

bool Wire::receive_more() {
  if (!is_connected()) {
    return false;
  }
  std::array<char, 16384> piece{};
  const ssize_t size = ::recv(m_socket, piece.data(), piece.size(), 0);
  if (size <= 0) {
    m_why = size == 0 ? "closed" : std::strerror(errno);
    return false;
  }
  m_received.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

Reply Wire::fail(const std::string& what) {
  Reply reply{.trouble = fmt::format("{} ({}, after {} answers on the connection)", what, m_why, m_answers)};
  hang_up();
  return reply;
}

Reply Wire::receive() {
  while (m_received.find("\r\n\r\n") == std::string::npos) {
    if (!receive_more()) {
      return fail(m_received.empty() ? "no answer" : "half an answer");
    }
  }
  const auto end = m_received.find("\r\n\r\n") + 4;
  const std::string head = lower(m_received.substr(0, end));
  m_received.erase(0, end);
  Reply reply{.status = std::stoi("0" + head.substr(k_status_at, 3)),
              .closes = head.starts_with("http/1.0") || value_of(head, "connection") == "close"};
  if (!receive_body(head, reply)) {
    return fail("half an answer");
  }
  ++m_answers;
  if (reply.status != 200 && reply.status != k_switching) {
    reply.trouble = fmt::format("{}: {}", reply.status, reply.body);
  }
  if (reply.closes) {
    hang_up();
  }
  return reply;
}

bool Wire::receive_body(std::string_view head, Reply& reply) {
  const std::string text(head);
  if (reply.status == k_switching) {
    return true;
  }
  if (value_of(text, "transfer-encoding") == "chunked") {
    return receive_chunks(reply);
  }
  const std::string length = value_of(text, "content-length");
  if (length.empty()) { // what comes until the end
    reply.closes = true;
    while (receive_more()) {
    }
    reply.body = std::move(m_received);
    return m_why == "closed";
  }
  const std::size_t size = std::stoul(length);
  while (m_received.size() < size) {
    if (!receive_more()) {
      return false;
    }
  }
  reply.body = m_received.substr(0, size);
  m_received.erase(0, size);
  return true;
}

bool Wire::receive_chunks(Reply& reply) {
  for (;;) {
    const std::string line = receive_line();
    if (line.empty()) {
      return false;
    }
    const std::size_t size = std::stoul(line, nullptr, 16);
    while (m_received.size() < size + 2) {
      if (!receive_more()) {
        return false;
      }
    }
    reply.body += m_received.substr(0, size);
    m_received.erase(0, size + 2);
    if (size == 0) {
      return true;
    }
  }
}

std::string Wire::receive_line() {
  while (m_received.find('\n') == std::string::npos) {
    if (!receive_more()) {
      return "";
    }
  }
  const auto end = m_received.find('\n') + 1;
  std::string line = m_received.substr(0, end);
  m_received.erase(0, end);
  return line;
}

} // namespace teal
