#include "support/client.hpp"

#include "support/wire.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr std::size_t k_body = 20'000; ///< of a POST: more than a program reads at once
constexpr int k_at_once = 3;
constexpr const char* k_get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

Client::Asked asked(Reply reply, ClientKind kind) {
  if (reply.trouble.empty()) {
    return {.requests = 1};
  }
  return {.requests = 1, .faults = {fmt::format("{}: {}", to_string(kind), reply.trouble)}};
}

/// One that only differs in what it says, and in whether it keeps the connection.
class Plain final : public Client {
public:
  struct Habit {
    std::string request;
    std::string body;   ///< sent apart, as many do
    std::string answer; ///< that it wants; empty: any
    bool keeps = false;
  };
  Plain(ClientKind kind, std::uint16_t port, Habit habit) : m_kind(kind), m_wire(port), m_habit(std::move(habit)) {}

  Asked ask() override {
    m_wire.connect();
    m_wire.send(m_habit.request);
    m_wire.send(m_habit.body);
    Reply reply = m_wire.receive();
    if (!m_habit.keeps) {
      m_wire.hang_up();
    }
    if (reply.trouble.empty() && !m_habit.answer.empty() && reply.body != m_habit.answer) {
      reply.trouble = fmt::format("\"{}\" was answered", reply.body);
    }
    return asked(std::move(reply), m_kind);
  }

private:
  ClientKind m_kind;
  Wire m_wire;
  Habit m_habit;
};

/// What was asked behind an answer that announced the end was not taken, and is asked by nobody.
class Pipelining final : public Client {
public:
  explicit Pipelining(std::uint16_t port) : m_wire(port) {}

  Asked ask() override {
    m_wire.connect();
    std::string requests;
    for (int i = 0; i < k_at_once; ++i) {
      requests += k_get;
    }
    m_wire.send(requests);
    Asked all;
    for (int i = 0; i < k_at_once; ++i) {
      Reply reply = m_wire.receive();
      const bool is_last = reply.closes || reply.status == 0;
      const Asked one = asked(std::move(reply), ClientKind::pipelining);
      ++all.requests;
      all.faults.insert(all.faults.end(), one.faults.begin(), one.faults.end());
      if (is_last) {
        break;
      }
    }
    return all;
  }

private:
  Wire m_wire;
};

class Upgraded final : public Client {
public:
  explicit Upgraded(std::uint16_t port) : m_wire(port) {}

  Asked ask() override {
    if (!m_wire.is_connected()) {
      m_wire.connect();
      m_wire.send("GET /websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      if (const Reply reply = m_wire.receive(); reply.status != 101) {
        m_wire.hang_up();
        return {.requests = 1, .faults = {fmt::format("not upgraded: {} {}", reply.status, reply.trouble)}};
      }
    }
    const std::string words = fmt::format("word {}\n", ++m_words);
    m_wire.send(words);
    if (m_wire.receive_line() == words) {
      return {.requests = 1};
    }
    m_wire.hang_up();
    return {.requests = 1, .faults = {fmt::format("an upgraded connection ended after {} words", m_words)}};
  }

private:
  Wire m_wire;
  int m_words = 0;
};

std::string post(const std::string& path) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", path, k_body);
}

} // namespace

std::string_view to_string(ClientKind kind) {
  switch (kind) {
  case ClientKind::fresh:
    return "fresh";
  case ClientKind::kept:
    return "kept";
  case ClientKind::posting:
    return "posting";
  case ClientKind::answered_early:
    return "answered-early";
  case ClientKind::http10:
    return "http10";
  case ClientKind::pipelining:
    return "pipelining";
  case ClientKind::upgraded:
    return "upgraded";
  }
  return "";
}

std::unique_ptr<Client> make_client(ClientKind kind, std::uint16_t port, std::string path) {
  const std::string body(k_body, 'x');
  switch (kind) {
  case ClientKind::fresh:
    return std::make_unique<Plain>(
        kind, port,
        Plain::Habit{.request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path)});
  case ClientKind::kept:
    return std::make_unique<Plain>(kind, port, Plain::Habit{.request = k_get, .keeps = true});
  case ClientKind::posting:
    return std::make_unique<Plain>(
        kind, port,
        Plain::Habit{.request = post("/read"), .body = body, .answer = std::to_string(k_body) + "\n", .keeps = true});
  case ClientKind::answered_early:
    return std::make_unique<Plain>(kind, port, Plain::Habit{.request = post("/"), .body = body, .keeps = true});
  case ClientKind::http10:
    return std::make_unique<Plain>(kind, port, Plain::Habit{.request = "GET / HTTP/1.0\r\n\r\n"});
  case ClientKind::pipelining:
    return std::make_unique<Pipelining>(port);
  case ClientKind::upgraded:
    return std::make_unique<Upgraded>(port);
  }
  return nullptr;
}

} // namespace teal
