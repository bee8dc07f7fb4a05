/// @file
/// Observer: the daemon's part in what is observed: webhooks registered while it runs, deliveries that were missed, and
/// what became of deployments told to the forges. One thread beside all else: whatever a forge does, no delivery and no
/// deployment waits for it.
///
/// Without a source that is observed it sleeps until it is told of a change.
#pragma once

#include "core/descriptor.hpp"
#include "serve/missed.hpp"
#include "serve/status_work.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace teal::serve {

class Observer {
public:
  struct Place {
    Home home;
    Environment environment; ///< of git and ssh
    const Clock& clock;
    const Log& log;
    std::function<void(const std::string& app)> notice; ///< a delivery of the app's waits
    bool registers = false;                             ///< webhooks are there while this runs, and go when it ends
  };

  explicit Observer(Place place);
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  /// As end().
  ~Observer();

  void start();
  /// Something may have been deployed of the app, and its settings may have changed. From any thread.
  void look(const std::string& app);
  /// The settings may have changed. From any thread.
  void look();
  /// Interrupts what is under way, and takes the webhooks away that start() registered.
  void end();

private:
  using Time = std::chrono::steady_clock::time_point;
  using Key = std::pair<std::string, std::string>; ///< app and source

  /// What is tried again, and how often that was in vain.
  struct Attempt {
    Time due{};
    int failures = 0;
    bool has_looked = false; ///< at the branches, once it was registered
  };

  void run(const std::stop_token& stop);
  void refresh();
  void read_app(const std::string& app);
  [[nodiscard]] std::optional<Time> attend(Store& store, const std::stop_token& stop);
  void attend_to(Store& store, const ObservedSource& source, Attempt& attempt, const std::stop_token& stop);
  void register_at(const ObservedSource& source, forge::ForgeApi& api);
  void unregister_all();
  void watch_settings();
  [[nodiscard]] bool watch_store();
  void wait(Store& store, const std::optional<Time>& until);
  void wake() const;

  Place m_place;
  StatusWork m_statuses;
  Descriptor m_wake;     ///< an eventfd
  Descriptor m_settings; ///< inotify: of files that take the place of others in the apps' folders
  Descriptor m_store;    ///< inotify: of the store's write-ahead log, while there may be something to report
  std::mutex m_mutex;    // of what follows
  std::set<std::string> m_changed_apps;
  bool m_all_changed = true;
  ObservedApps m_apps; ///< of the thread alone, as all below
  std::map<Key, Attempt> m_attempts;
  std::map<Key, ObservedSource> m_registered;
  std::string m_fault; ///< that was told; empty: none
  std::int64_t m_version = 0;
  std::jthread m_thread; // last: it uses the others
};

} // namespace teal::serve
