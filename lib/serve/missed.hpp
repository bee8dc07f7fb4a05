/// @file
/// Missed: deliveries of an observed source that never reached us, found and fetched again.
///
/// A forge that lists its deliveries is asked to send again what failed. Of any other one's source, the branches that
/// its app deploys are looked at: where one is elsewhere than it was, and no delivery told of that, one is made.
#pragma once

#include "process/subprocess.hpp"
#include "serve/log.hpp"
#include "serve/observation.hpp"
#include "store/store.hpp"

#include <functional>
#include <stop_token>

namespace teal::serve {

struct MissedPlace {
  const Home& home;
  const Environment& environment; ///< of git and ssh
  const Clock& clock;
  const Log& log;
  Store& store;
  std::stop_token interrupt;
  std::function<void(const std::string& app)> notice; ///< a delivery of the app's waits
};

/// Since the last time that it came to its end. Throws Error where the forge or the source cannot be asked.
void fetch_missed(const MissedPlace& place, const ObservedSource& source, forge::ForgeApi& api);
/// The same by its branches alone: of a webhook that was not there before, no forge has deliveries.
void look_at_branches(const MissedPlace& place, const ObservedSource& source);
/// What the source's branches are now is where fetch_missed() begins, unless it has begun.
void note_branches(const MissedPlace& place, const ObservedSource& source);

} // namespace teal::serve
