#include "serve/lanes.hpp"

namespace teal::serve {

Lanes::Lanes(std::size_t threads, Work work) : m_work(std::move(work)) {
  for (std::size_t i = 0; i < threads; ++i) {
    m_threads.emplace_back([this](const std::stop_token& end) { run(end); });
  }
}

Lanes::~Lanes() {
  for (std::jthread& thread : m_threads) {
    thread.request_stop();
  }
  m_threads.clear(); // each is joined
}

void Lanes::notice(const std::string& app) {
  {
    const std::lock_guard guard(m_mutex);
    m_lanes[app].due = std::chrono::steady_clock::now();
    ++m_changes;
  }
  m_changed.notify_one();
}

std::map<std::string, Lanes::Lane>::iterator Lanes::next(Time now) {
  auto found = m_lanes.end();
  for (auto lane = m_lanes.begin(); lane != m_lanes.end(); ++lane) {
    const bool is_due = !lane->second.is_busy && lane->second.due && *lane->second.due <= now;
    if (is_due && (found == m_lanes.end() || *lane->second.due < *found->second.due)) {
      found = lane;
    }
  }
  return found;
}

std::optional<Lanes::Time> Lanes::first_due() const {
  std::optional<Time> first;
  for (const auto& [app, lane] : m_lanes) {
    if (!lane.is_busy && lane.due && (!first || *lane.due < *first)) {
      first = lane.due;
    }
  }
  return first;
}

void Lanes::run(const std::stop_token& end) {
  std::unique_lock lock(m_mutex);
  while (!end.stop_requested()) {
    const auto lane = next(std::chrono::steady_clock::now());
    if (lane == m_lanes.end()) {
      const auto is_changed = [this, seen = m_changes] { return m_changes != seen; };
      if (const auto due = first_due()) {
        m_changed.wait_until(lock, end, *due, is_changed);
      } else {
        m_changed.wait(lock, end, is_changed);
      }
      continue;
    }
    lane->second.is_busy = true;
    lane->second.due.reset();
    const std::string app = lane->first;
    lock.unlock();
    const auto again = m_work(app, end);
    lock.lock();
    lane->second.is_busy = false;
    if (again && !lane->second.due) {
      lane->second.due = std::chrono::steady_clock::now() + *again;
    }
    if (!lane->second.due) {
      m_lanes.erase(lane);
    } else {
      ++m_changes;
      m_changed.notify_one();
    }
  }
}

} // namespace teal::serve
