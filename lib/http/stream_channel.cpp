#include "http/stream_channel.hpp"

namespace teal::http {

Stream::Written StreamChannel::write(std::string_view bytes) {
  {
    const std::lock_guard guard(m_mutex);
    const std::size_t waiting = m_backlog.size() + m_in_flight;
    if (m_is_closed || m_is_ended) {
      return Stream::Written::closed;
    }
    if (waiting != 0 && (waiting > m_limit || bytes.size() > m_limit - waiting)) {
      return Stream::Written::full;
    }
    m_backlog += bytes;
    if (bytes.empty() || std::exchange(m_is_woken, true)) {
      return Stream::Written::taken;
    }
  }
  m_wake();
  return Stream::Written::taken;
}

bool StreamChannel::wait_for_room(Milliseconds patience) {
  std::unique_lock lock(m_mutex);
  const auto has_room = [this] { return m_is_closed || (m_backlog.empty() && m_in_flight == 0); };
  return m_changed.wait_for(lock, patience, has_room) && !m_is_closed;
}

bool StreamChannel::is_open() const {
  const std::lock_guard guard(m_mutex);
  return !m_is_closed && !m_is_ended;
}

void StreamChannel::on_close(std::function<void()> told) {
  {
    const std::lock_guard guard(m_mutex);
    if (!m_is_closed) {
      m_told = std::move(told);
      return;
    }
  }
  told();
}

void StreamChannel::on_drained(std::function<void()> told) {
  const std::lock_guard guard(m_mutex);
  m_told_of_room = std::move(told);
}

void StreamChannel::end() {
  {
    const std::lock_guard guard(m_mutex);
    m_told = nullptr; // who ends it needs not be told
    m_told_of_room = nullptr;
    if (m_is_closed || std::exchange(m_is_ended, true)) {
      return;
    }
  }
  m_wake();
}

StreamChannel::Taken StreamChannel::take() {
  std::function<void()> told;
  Taken taken;
  {
    const std::lock_guard guard(m_mutex);
    m_is_woken = false;
    m_in_flight = m_backlog.size();
    if (m_in_flight == 0) {
      m_changed.notify_all();
      told = m_told_of_room;
    }
    taken = {.bytes = std::exchange(m_backlog, {}), .ended = m_is_ended};
  }
  if (told) {
    told();
  }
  return taken;
}

void StreamChannel::close() {
  std::function<void()> told;
  {
    const std::lock_guard guard(m_mutex);
    m_is_closed = true;
    m_backlog.clear();
    m_in_flight = 0;
    told = std::exchange(m_told, nullptr);
    m_told_of_room = nullptr;
    m_changed.notify_all();
  }
  if (told) {
    told();
  }
}

} // namespace teal::http
