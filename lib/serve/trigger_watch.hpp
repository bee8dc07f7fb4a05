/// @file
/// TriggerWatch: the folders of sources of kind `file`: what comes there becomes a stored delivery of its source.
///
/// It sleeps until a file is closed or moved there (inotify), and looks through each folder now and then besides: each
/// half minute, or each second where nothing can be watched. By itself it then takes only what has not changed for a
/// second. Settings are read anew as they change; those that are wrong leave an app's sources as they were.
///
/// Invariant: a file is taken first, stored next and removed last; one whose taker was killed in between is found by
/// the next one, and stored under the same sender's id. So each is stored, and becomes one delivery of each source that
/// has its name.
#pragma once

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/descriptor.hpp"
#include "model/home.hpp"
#include "serve/journal.hpp"
#include "serve/log.hpp"
#include "trigger/trigger_folder.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace teal::serve {

class TriggerWatch {
public:
  struct Place {
    Home home;
    Journal& journal;
    const Clock& clock;
    const Log& log; ///< outlives the journal
  };
  explicit TriggerWatch(Place place);
  TriggerWatch(const TriggerWatch&) = delete;
  TriggerWatch& operator=(const TriggerWatch&) = delete;
  /// What was taken and is not stored yet is the journal's.
  ~TriggerWatch();

private:
  using Time = std::chrono::steady_clock::time_point;

  /// Who asks by a file of that name.
  struct Asker {
    std::string app;
    std::string source;
    std::string ref;
  };
  struct Wanted {
    std::vector<Asker> askers;
    std::string owner;     ///< as in the settings
    bool is_agreed = true; ///< all of them have that one
  };
  struct Folder {
    std::shared_ptr<const TriggerFolder> folder; ///< null while it cannot be used
    int watch = -1;                              ///< inotify's number; -1: none
    std::map<std::string, Wanted> files;
    std::map<std::string, std::string> told; ///< by name: of what was left where it is
    std::string fault;                       ///< of the folder, that was told; empty: none
    Time next_look{};
  };
  struct App {
    int watch = -1;
    std::vector<SourceSettings> sources; ///< those of kind `file`
    std::string fault;                   ///< that was told; empty: none
    bool is_stale = true;
  };
  /// Taken, and not stored yet: of this thread and the journal's.
  struct InFlight {
    std::mutex mutex;
    std::set<std::string> ids;
  };

  void run(const std::stop_token& end);
  void read_settings();
  void read_app(const std::string& name, App& app);
  void spread_sources();
  void look_at(const std::filesystem::path& path, Folder& folder);
  void open(const std::filesystem::path& path, Folder& folder);
  void scan(Folder& folder);
  void take(Folder& folder, const std::string& name);
  void follow(Folder& folder, const TriggerFile& file);
  void store(const Folder& folder, const TriggerFile& file, const Wanted& wanted);
  void tell_once(Folder& folder, const std::string& name, const std::string& what) const;
  [[nodiscard]] int watch(const std::filesystem::path& folder, std::uint32_t what) const;
  void unwatch(int number) const;
  void wait();
  void read_events();
  void note_event(int number, std::uint32_t mask, const std::string& name);

  Place m_place;
  Descriptor m_wake;  ///< an eventfd
  Descriptor m_files; ///< inotify; none where there is none to be had
  int m_apps_watch = -1;
  bool m_is_list_stale = true;
  Time m_next_list{};
  std::map<std::string, App> m_apps;
  std::map<std::filesystem::path, Folder> m_folders;
  std::shared_ptr<InFlight> m_in_flight = std::make_shared<InFlight>();
  std::jthread m_thread; // last: it uses the others
};

} // namespace teal::serve
