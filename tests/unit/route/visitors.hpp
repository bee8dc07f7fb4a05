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
  /// What was answered with anything but 200, or not at all: in words, with the time since the first visit.
  [[nodiscard]] std::vector<std::string> failures() {
    const std::lock_guard hold(m_mutex);
    return m_failures;
  }

private:
  using Time = std::chrono::steady_clock::time_point;

  /// The kernel remembers each connection for minutes, and not endlessly many.
  static constexpr std::chrono::milliseconds k_pause{2};

  void count(int status, Time start, const std::string& why) {
    if (status == 200) {
      ++m_answered;
      return;
    }
    const auto in_seconds = [](auto time) { return std::chrono::duration<double>(time).count(); };
    const std::lock_guard hold(m_mutex);
    m_failures.push_back(fmt::format("{} after {:.3f} s, asked at {:.3f} s: {}", status,
                                     in_seconds(std::chrono::steady_clock::now() - start), in_seconds(start - m_begin),
                                     why));
  }

  void come_anew() {
    while (m_open) {
      const auto start = std::chrono::steady_clock::now();
      count(visit(m_port).status, start, "on a connection of its own");
      std::this_thread::sleep_for(k_pause);
    }
  }

  /// Who finds the kept connection closed before any of an answer came asks once more, as a browser does.
  void stay() {
    http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", m_port});
    while (m_open) {
      const auto start = std::chrono::steady_clock::now();
      try {
        count(client.request({}).status, start, "on a kept connection");
      } catch (const std::exception& error) {
        count(0, start, error.what());
      }
      std::this_thread::sleep_for(k_pause);
    }
  }

  std::uint16_t m_port;
  const Time m_begin = std::chrono::steady_clock::now();
  std::atomic<bool> m_open = true;
  std::atomic<int> m_answered = 0;
  std::mutex m_mutex;
  std::vector<std::string> m_failures;
  std::vector<std::thread> m_threads;
};

} // namespace teal
