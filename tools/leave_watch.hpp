/// @file
/// LeaveWatch: notices that a person wants us to end, or that nobody reads what we print any more.
#pragma once

#include "core/descriptor.hpp"

#include <atomic>
#include <stop_token>
#include <thread>

namespace teal::tool {

class LeaveWatch {
public:
  /// From now on Ctrl-C, a hangup and SIGTERM end nothing by themselves.
  LeaveWatch();

  /// Stopped once either is so.
  [[nodiscard]] std::stop_token token() const { return m_left.get_token(); }
  /// By a signal.
  [[nodiscard]] bool was_interrupted() const { return m_interrupted; }

private:
  void watch(const std::stop_token& stop);

  Descriptor m_signals;
  Descriptor m_end; ///< readable once we need not watch any more
  std::stop_source m_left;
  std::atomic<bool> m_interrupted = false;
  std::jthread m_watcher; // last: it uses the others
};

} // namespace teal::tool
