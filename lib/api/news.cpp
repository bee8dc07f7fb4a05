#include "api/news.hpp"

#include "core/file_io.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace teal::api {

namespace {

constexpr Milliseconds k_blind_pause(100);

void read_off(const Descriptor& descriptor) {
  alignas(inotify_event) std::array<char, 4096> bytes{};
  while (::read(descriptor.number(), bytes.data(), bytes.size()) > 0) {
  }
}

} // namespace

News::News(const Home& home)
    : m_home(home), m_calls(own(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "wait for who reads along")) {}

void News::call() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(m_calls.number(), &one, sizeof one); // full: it was called
}

void News::watch(const std::filesystem::path& folder) {
  m_is_blind = m_is_blind || ::inotify_add_watch(m_changes.number(), folder.c_str(), IN_MODIFY | IN_CREATE) < 0;
}

void News::watch_logs(const std::string& app) {
  if (!m_changes) {
    m_changes = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    m_is_blind = !m_changes;
    if (!m_is_blind) {
      watch(m_home.root); // where SQLite writes its log
    }
  }
  if (!m_is_blind && m_apps.insert(app).second) {
    watch(m_home.app(app).logs());
  }
}

void News::forget_logs() {
  m_changes = Descriptor();
  m_apps.clear();
  m_is_blind = false;
}

void News::wait(const std::optional<Milliseconds>& limit) {
  std::array<pollfd, 2> watched{{{m_calls.number(), POLLIN, 0}, {m_changes ? m_changes.number() : -1, POLLIN, 0}}};
  Milliseconds time = limit.value_or(Milliseconds(-1));
  if (limit && m_is_blind) {
    time = std::min(time, k_blind_pause);
  }
  ::poll(watched.data(), watched.size(), static_cast<int>(time.count()));
  read_off(m_calls);
  if (m_changes) {
    read_off(m_changes);
  }
}

} // namespace teal::api
