/// @file
/// SettingsWatch: says which apps there are, and when the settings of one were written, without ever looking by itself.
#pragma once

#include "core/descriptor.hpp"
#include "model/home.hpp"
#include "serve/log.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>

namespace teal::serve {

class SettingsWatch {
public:
  /// `changed` is called with each app at first, and then with each that is new or whose app.yml was written or
  /// removed; from a thread of its own, and it must not throw.
  SettingsWatch(Home home, const Log& log, std::function<void(const std::string& app)> changed);
  SettingsWatch(const SettingsWatch&) = delete;
  SettingsWatch& operator=(const SettingsWatch&) = delete;
  ~SettingsWatch();

  /// All of them once more.
  void look();

private:
  void run(const std::stop_token& end);
  void watch(const std::string& app);
  void watch_all();
  /// The apps that what has happened is about.
  [[nodiscard]] std::set<std::string> await_changes();
  void read_events(std::set<std::string>& changed);

  Home m_home;
  const Log& m_log;
  std::function<void(const std::string&)> m_changed;
  Descriptor m_wake;
  Descriptor m_events;
  int m_apps = -1;                      ///< the watch of the folder that has all of them
  std::map<int, std::string> m_folders; ///< the watches of theirs
  std::jthread m_thread;                // last: it uses the others
};

} // namespace teal::serve
