/// @file
/// Lanes: work of many apps by a few threads: one app's in order and by one thread at a time, different apps' side by
/// side.
///
/// Invariant: an app that was noticed is worked for after that, whatever it was at then; without work nothing wakes up.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace teal::serve {

class Lanes {
public:
  /// Works for `app`. Returns after how long it has to be called again by itself, if it has to. Must not throw.
  using Work = std::function<std::optional<Milliseconds>(const std::string& app, const std::stop_token& end)>;

  Lanes(std::size_t threads, Work work);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  /// Asks the work under way to end, and waits for it. What is noticed and not begun is left.
  ~Lanes();

  void notice(const std::string& app);

private:
  using Time = std::chrono::steady_clock::time_point;

  struct Lane {
    bool is_busy = false;
    std::optional<Time> due;
  };

  void run(const std::stop_token& end);
  /// The app that is due for longest, or nothing.
  [[nodiscard]] std::map<std::string, Lane>::iterator next(Time now);
  [[nodiscard]] std::optional<Time> first_due() const;

  Work m_work;
  std::mutex m_mutex; // of what follows
  std::condition_variable_any m_changed;
  std::uint64_t m_changes = 0;
  std::map<std::string, Lane> m_lanes; ///< of apps that are worked for, or will be
  std::vector<std::jthread> m_threads; // last: they use the others
};

} // namespace teal::serve
