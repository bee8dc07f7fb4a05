/// @file
/// Status: what runs in each slot of the home's apps, and how well.
///
/// Invariant: what hinders the look at one app (its settings, its probe, a container that is not ours) hides no other,
/// and what the engine, the router and the settings say is asked once for all.
#pragma once

#include "config/settings.hpp"
#include "core/error.hpp"
#include "model/deployment.hpp"
#include "model/live.hpp"
#include "store/store.hpp"
#include "target/services.hpp"
#include "upkeep/lives.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <vector>

namespace teal {

/// One container of a color, as the engine has it.
struct ProcessStatus {
  std::string name;      ///< of run.processes; empty: one that answers requests
  std::string container; ///< its name
  Lives lives;
  int replica = 1;         ///< of those that answer requests
  std::string health = {}; ///< of these, as SlotStatus::health
};

struct SlotStatus {
  Slot slot;
  std::optional<std::uint16_t> port; ///< nothing where the app's settings are wrong
  std::string state;  ///< "running", "exited", …: as the engine says; "empty", or "unknown" where it does not answer
  std::string health; ///< "healthy", or the probe's answer; empty unless it runs
  std::vector<ProcessStatus> processes; ///< all that have containers; the first that answers requests first
  std::int64_t replicas = 1;            ///< that are to answer requests, as app.yml says
  bool live = false;
  std::optional<Deployment> current; ///< what should run
  std::optional<Deployment> latest;  ///< if it is not the current one
  std::optional<Error> fault;        ///< what hindered the look at this slot alone
};

/// A target without colors, as the store has it: nobody is asked.
struct TargetStatus {
  std::string name;
  std::string state; ///< "live", or "empty"
  std::optional<Deployment> current;
  std::optional<Deployment> latest; ///< if it is not the current one
};

struct AppStatus {
  std::string name;
  std::vector<SlotStatus> slots;
  std::vector<TargetStatus> targets;
  std::optional<Color> live; ///< as the router says, or the store where that cannot be asked
  std::vector<Live> moves;   ///< of live traffic, the last two, newest first
  std::optional<Freeze> freeze;
  std::optional<Pause> pause;
  std::optional<Error> fault; ///< of its settings
};

struct HomeStatus {
  std::vector<AppStatus> apps;
  std::optional<Error> engine; ///< it does not answer

  /// Whatever hindered the look, the worst first.
  [[nodiscard]] std::vector<Error> faults() const;
};

/// Of all apps of the home, or of `only`.
[[nodiscard]] HomeStatus status_of(Services& services, Store& store, const std::optional<std::string>& only);

/// A list with an object for each slot and each target.
[[nodiscard]] boost::json::array to_json(const HomeStatus& status);

} // namespace teal
