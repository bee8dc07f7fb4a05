/// @file
/// Visitors: many of them, who ask a port without end, to see whether a request ever fails.
#pragma once

#include "unit/route/backend.hpp"

#include <atomic>
#include <vector>

namespace teal {

class Visitors {
public:
  /// Half of them keep their connection, the others make a new one for each request.
  Visitors(std::uint16_t port, int count) : m_port(port) {
    for (int i = 0; i < count; ++i) {
      m_threads.emplace_back([this, i] { i % 2 == 0 ? come_anew() : stay(); });
    }
  }
  Visitors(const Visitors&) = delete;
  Visitors& operator=(const Visitors&) = delete;
  ~Visitors() { send_home(); }

  void send_home() {
    m_open = false;
    for (std::thread& thread : m_threads) {
      thread.join();
    }
    m_threads.clear();
  }
  [[nodiscard]] int answered() const { return m_answered; }
  /// Answered with anything but 200, or not at all.
  [[nodiscard]] int failed() const { return m_failed; }

private:
  static constexpr std::chrono::milliseconds k_pause{2};

  void count(int status) { ++(status == 200 ? m_answered : m_failed); }

  /// With pauses: the kernel remembers each connection for minutes, and not endlessly many.
  void come_anew() {
    while (m_open) {
      count(visit(m_port).status);
      std::this_thread::sleep_for(k_pause);
    }
  }

  /// Who finds the kept connection closed before any of an answer came asks once more, as a browser does.
  void stay() {
    http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", m_port});
    while (m_open) {
      try {
        count(client.request({}).status);
      } catch (const std::exception&) {
        count(0);
      }
    }
  }

  std::uint16_t m_port;
  std::atomic<bool> m_open = true;
  std::atomic<int> m_answered = 0;
  std::atomic<int> m_failed = 0;
  std::vector<std::thread> m_threads;
};

} // namespace teal
