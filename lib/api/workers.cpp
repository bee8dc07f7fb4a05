#include "api/workers.hpp"

#include <malloc.h>

#include <algorithm>

namespace teal::api {

Workers::~Workers() {
  std::vector<std::jthread> threads;
  {
    const std::lock_guard guard(m_mutex);
    m_entries.remove_if([](const auto& entry) { return !entry->has_begun; });
    threads.swap(m_threads);
    threads.push_back(std::move(m_watcher));
  }
  for (std::jthread& thread : threads) {
    thread.request_stop();
  }
}

bool Workers::add(Job job) {
  const std::lock_guard guard(m_mutex);
  if (m_entries.size() >= m_limits.at_once + m_limits.waiting) {
    return false;
  }
  m_entries.push_back(std::make_shared<Entry>(
      Entry{.job = std::move(job), .due = std::chrono::steady_clock::now() + m_limits.deadline}));
  const auto waiting = static_cast<std::size_t>(
      std::count_if(m_entries.begin(), m_entries.end(), [](const auto& entry) { return !entry->has_begun; }));
  if (waiting > m_idle && m_threads.size() < m_limits.at_once) {
    m_threads.emplace_back([this](const std::stop_token& end) { work(end); });
  }
  if (!m_watcher.joinable()) {
    m_watcher = std::jthread([this](const std::stop_token& end) { watch(end); });
  }
  m_changed.notify_all();
  return true;
}

Workers::Entries::iterator Workers::first_waiting() {
  return std::find_if(m_entries.begin(), m_entries.end(), [](const auto& entry) { return !entry->has_begun; });
}

/// All have the same time, so the first one that is not late yet.
Workers::Entries::iterator Workers::first_due() {
  return std::find_if(m_entries.begin(), m_entries.end(), [](const auto& entry) { return !entry->is_late; });
}

void Workers::work(const std::stop_token& end) {
  std::unique_lock lock(m_mutex);
  for (;;) {
    ++m_idle;
    const bool is_asked = m_changed.wait(lock, end, [this] { return first_waiting() != m_entries.end(); });
    --m_idle;
    if (!is_asked) {
      return;
    }
    const std::shared_ptr<Entry> entry = *first_waiting();
    entry->has_begun = true;
    lock.unlock();
    entry->job.work();
    lock.lock();
    m_entries.remove(entry);
    m_changed.notify_all();
    if (m_entries.empty()) {
      ::malloc_trim(0);
    }
  }
}

void Workers::watch(const std::stop_token& end) {
  std::unique_lock lock(m_mutex);
  while (!end.stop_requested()) {
    const auto next = first_due();
    if (next == m_entries.end()) {
      m_changed.wait(lock, end, [this] { return first_due() != m_entries.end(); });
      continue;
    }
    const std::shared_ptr<Entry> entry = *next;
    const auto is_over = [&] { return first_due() == m_entries.end() || *first_due() != entry; };
    if (m_changed.wait_until(lock, end, entry->due, is_over) || end.stop_requested()) {
      continue;
    }
    entry->is_late = true;
    if (!entry->has_begun) {
      m_entries.remove(entry);
    }
    lock.unlock();
    entry->job.late();
    lock.lock();
  }
}

} // namespace teal::api
