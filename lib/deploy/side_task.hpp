/// @file
/// SideTask: work on a thread of its own, beside what its owner does for the same end.
///
/// Invariant: neither outlasts the failure of the other: whoever fails first asks the interrupt to stop that both heed,
/// and is why all of it failed. The thread has ended before the task is gone.
#pragma once

#include "core/error.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

namespace teal {

class SideTask {
public:
  /// Begins at once. All that `work` uses must outlive the task.
  SideTask(std::stop_source interrupt, std::function<void()> work);
  SideTask(const SideTask&) = delete;
  SideTask& operator=(const SideTask&) = delete;
  /// Interrupts it.
  ~SideTask();

  /// Waits for its end, and throws what it threw.
  void await();
  /// The owner has failed: the task is interrupted, and its end awaited. Throws what it threw if that came first.
  void fail_too();
  /// Once its end was awaited: whether it failed before its owner did and before the interrupt.
  [[nodiscard]] bool has_failed_first() const { return m_has_failed_first; }

private:
  void run(const std::function<void()>& work);
  void join();

  std::stop_source m_interrupt;
  std::optional<Error> m_fault;
  bool m_has_failed_first = false;
  std::thread m_thread; // last: it uses the others
};

} // namespace teal
