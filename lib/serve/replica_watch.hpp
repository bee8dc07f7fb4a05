/// @file
/// ReplicaWatch: has the router follow the replicas of each app whose target moves them by itself.
///
/// It looks once a second, and only where there is such an app: a Swarm tells of services and nodes as they change, but
/// of no task.
#pragma once

#include "model/home.hpp"
#include "process/subprocess.hpp"
#include "serve/lanes.hpp"
#include "serve/log.hpp"
#include "serve/settings_watch.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace teal::serve {

class ReplicaWatch {
public:
  struct Place {
    Home home;
    Environment environment;
    const Clock& clock;
    const Log& log;
  };

  explicit ReplicaWatch(Place place);
  ReplicaWatch(const ReplicaWatch&) = delete;
  ReplicaWatch& operator=(const ReplicaWatch&) = delete;
  ~ReplicaWatch() = default;

private:
  [[nodiscard]] std::optional<Milliseconds> look_at(const std::string& app);
  void tell(const std::string& app, const std::string& fault);

  Place m_place;
  std::mutex m_mutex;                          // of what follows
  std::map<std::string, std::string> m_faults; ///< by app, that were told
  Lanes m_lanes;
  SettingsWatch m_watch; // last: it uses the others
};

} // namespace teal::serve
