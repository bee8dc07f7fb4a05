#include "serve/settings_watch.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/file_io.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace teal::serve {

namespace {

constexpr std::string_view k_settings = "app.yml";
constexpr std::uint32_t k_coming = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::uint32_t k_writing = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;

} // namespace

SettingsWatch::SettingsWatch(Home home, const Log& log, std::function<void(const std::string&)> changed)
    : m_home(std::move(home)), m_log(log), m_changed(std::move(changed)),
      m_wake(own(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), "make an event")),
      m_events(own(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "watch files")),
      m_thread([this](const std::stop_token& end) { run(end); }) {}

SettingsWatch::~SettingsWatch() {
  m_thread.request_stop();
  look();
  m_thread.join();
}

void SettingsWatch::look() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(m_wake.number(), &one, sizeof one)); // it can only be full, and then it is told already
}

void SettingsWatch::run(const std::stop_token& end) {
  std::string fault;
  while (!end.stop_requested()) {
    std::set<std::string> changed = await_changes();
    if (end.stop_requested()) {
      return;
    }
    std::string now;
    try {
      watch_all();
      if (changed.contains("")) { // what was told is not all of it
        for (const std::string& app : list_apps(m_home)) {
          changed.insert(app);
        }
        changed.erase("");
      }
    } catch (const std::exception& error) {
      now = error.what();
    }
    if (!now.empty() && now != fault) {
      m_log.error(fmt::format("changed settings may not be seen before SIGHUP: {}", now));
    }
    fault = now;
    for (const std::string& app : changed) {
      m_changed(app);
    }
  }
}

/// What is watched already stays so.
void SettingsWatch::watch_all() {
  if (m_apps < 0) {
    m_apps = ::inotify_add_watch(m_events.number(), m_home.apps().c_str(), k_coming);
  }
  if (m_apps < 0) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot watch '{}': {}", m_home.apps().string(), system_reason(errno)));
  }
  for (const std::string& app : files::names_in(m_home.apps())) { // also where the settings are still to come
    watch(app);
  }
}

void SettingsWatch::watch(const std::string& app) {
  const int number = ::inotify_add_watch(m_events.number(), m_home.app(app).root.c_str(), k_writing);
  if (number < 0 && errno != ENOENT && errno != ENOTDIR) { // it may be gone, or somebody's file
    throw Error(ErrorKind::environment,
                fmt::format("cannot watch '{}': {}", m_home.app(app).root.string(), system_reason(errno)));
  }
  if (number >= 0) {
    m_folders[number] = app;
  }
}

std::set<std::string> SettingsWatch::await_changes() {
  std::set<std::string> changed;
  while (changed.empty()) {
    std::array<pollfd, 2> news{{{m_events.number(), POLLIN, 0}, {m_wake.number(), POLLIN, 0}}};
    static_cast<void>(::poll(news.data(), news.size(), -1));
    std::uint64_t told = 0;
    if (read_some(m_wake.number(), reinterpret_cast<char*>(&told), sizeof told) > 0) {
      changed.insert("");
    }
    read_events(changed);
  }
  return changed;
}

void SettingsWatch::read_events(std::set<std::string>& changed) {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (ssize_t size = 0; (size = read_some(m_events.number(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      const std::string_view name = event->len == 0 ? std::string_view() : std::string_view(event->name);
      const auto folder = m_folders.find(event->wd);
      if ((event->mask & IN_Q_OVERFLOW) != 0 || event->wd == m_apps) {
        changed.insert(""); // a new app's settings may be there before its folder is watched
      } else if (folder != m_folders.end() && name == k_settings) {
        changed.insert(folder->second);
      }
      if ((event->mask & IN_IGNORED) != 0) {
        m_folders.erase(event->wd);
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

} // namespace teal::serve
