/// @file
/// Workers: a few threads for work that takes long, with a bound on how much of it waits, and a time after which
/// whoever asked is told that it goes on.
///
/// Threads begin when there is work for them, so that a daemon that nobody asks has none of them.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace teal::api {

class Workers {
public:
  struct Limits {
    std::size_t at_once;
    std::size_t waiting; ///< beside those
    Milliseconds deadline;
  };
  struct Job {
    std::function<void()> work; ///< must not throw
    std::function<void()> late; ///< called, from another thread, if it has not ended at its deadline; must not wait
  };

  explicit Workers(const Limits& limits) : m_limits(limits) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Waits for what has begun. What waits is dropped.
  ~Workers();

  /// False if there is too much to do already. A job that is late before it began is never begun.
  [[nodiscard]] bool add(Job job);

private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    Job job;
    Time due;
    bool has_begun = false;
    bool is_late = false;
  };
  using Entries = std::list<std::shared_ptr<Entry>>;

  void work(const std::stop_token& end);
  void watch(const std::stop_token& end);
  [[nodiscard]] Entries::iterator first_waiting();
  [[nodiscard]] Entries::iterator first_due();

  const Limits m_limits;
  std::mutex m_mutex; // of what follows
  std::condition_variable_any m_changed;
  Entries m_entries; ///< in the order in which they came
  std::size_t m_idle = 0;
  std::vector<std::jthread> m_threads;
  std::jthread m_watcher;
};

} // namespace teal::api
