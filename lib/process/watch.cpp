#include "process/watch.hpp"

#include "core/file_io.hpp"

#include <poll.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>

namespace teal {

namespace {

/// The kernel takes 10 ms and more to end a watch, which is much of a short wait; so a watch begins only after this.
constexpr Milliseconds k_without_watch{1000};
constexpr Milliseconds k_longest_pause{8};
/// Where there is no watch at all.
constexpr Milliseconds k_longest_pause_unwatched{64};
/// A killed program's close is told just before the kernel takes its locks away, so after each message there are a few
/// looks in quick succession.
constexpr int k_looks_after_change = 6;

} // namespace

void Watch::wait(std::chrono::steady_clock::time_point limit) {
  if (!m_has_begun && m_age.elapsed() > k_without_watch) {
    begin();
    return; // what changed before is seen by a look, and only by that
  }
  const auto left = std::chrono::ceil<Milliseconds>(limit - std::chrono::steady_clock::now());
  const bool sleeps = m_events && m_looks >= k_looks_after_change;
  const Milliseconds patience = std::max(sleeps ? left : std::min(left, pause()), Milliseconds(0));
  ++m_looks;
  pollfd news{m_events.number(), POLLIN, 0}; // a negative number is ignored
  if (::poll(&news, 1, static_cast<int>(std::min(patience, Milliseconds(60'000)).count())) > 0) {
    alignas(inotify_event) std::array<char, 4096> events{};
    while (read_some(m_events.number(), events.data(), events.size()) > 0) {
    }
    m_looks = 0;
  }
}

/// 1, 2, 4 ms and so on.
Milliseconds Watch::pause() {
  const Milliseconds longest = m_has_begun && !m_events ? k_longest_pause_unwatched : k_longest_pause;
  return std::min(Milliseconds(1 << std::min(m_looks, 10)), longest);
}

void Watch::begin() {
  m_has_begun = true;
  m_looks = 0;
  m_events = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  for (const auto& path : m_paths) {
    if (m_events && ::inotify_add_watch(m_events.number(), path.c_str(), IN_MODIFY | IN_CLOSE_WRITE) < 0) {
      m_events.close();
    }
  }
}

} // namespace teal
