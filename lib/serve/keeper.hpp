/// @file
/// Keeper: router, registry and runners stay alive as long as the daemon does, where no service manager sees to it.
///
/// It sleeps until one of them ends (a pidfd, or the closing of an app's lock) or another process starts one (their
/// files in the home), and then has done what people would do by hand: `tealhook recover`, `tealhook registry up`, a
/// runner for what waits. What a person took down stays down.
#pragma once

#include "core/descriptor.hpp"
#include "model/home.hpp"
#include "process/detached.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "serve/log.hpp"
#include "serve/metrics.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace teal::serve {

class Keeper {
public:
  struct Place {
    Home home;
    Environment environment;
    Installation installation;
    const Log& log;
    Metrics& metrics;
  };
  /// Begins by bringing about what should be (`tealhook recover`), whatever runs.
  explicit Keeper(Place place);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  /// Leaves all running, and ends a recovery under way.
  ~Keeper();

  /// The settings may have changed.
  void look();

private:
  using Time = std::chrono::steady_clock::time_point;

  /// What is to be started (again), and how often that was done lately.
  struct Attempt {
    std::optional<Time> due;
    Time last{};
    int lately = 0;
    bool has_ended = false; ///< what ran, which is told when it is started again
  };

  void run(const std::stop_token& end);
  void watch_home();
  void tell(const std::string& fault);
  static void look_after(const std::optional<ProcessId>& running, Descriptor& watched, Attempt& start);
  void look_at_router();
  void look_at_registry();
  void look_at_runners();
  void wait();
  [[nodiscard]] bool is_woken(const std::optional<Time>& first);
  [[nodiscard]] bool read_events();
  [[nodiscard]] bool note_event(int folder, std::uint32_t mask, std::string_view name);
  bool start_what_is_due(const std::stop_token& end);
  void start_runner_of(const std::string& app);
  static void plan(Attempt& attempt);
  void announce(std::string_view name, Attempt& attempt);
  void call(const std::vector<std::string>& arguments, const std::stop_token& end) const;

  Place m_place;
  Descriptor m_wake;           ///< an eventfd
  Descriptor m_files;          ///< inotify
  std::set<int> m_app_folders; ///< inotify's numbers
  Descriptor m_router;         ///< a pidfd; none while none of ours runs
  Descriptor m_registry;       ///< the same
  std::optional<Time> m_next_look;
  std::string m_fault; ///< that was told; empty: none
  Attempt m_recovery;
  Attempt m_registry_start;
  std::map<std::string, Attempt> m_runners; ///< of apps that have work and no runner
  std::jthread m_thread;                    // last: it uses the others
};

} // namespace teal::serve
