/// @file
/// Recovery: what a killed runner left, read from the engine and put right. The caller holds the app's lock.
#pragma once

#include "deploy/services.hpp"
#include "store/store.hpp"

#include <string>

namespace teal {

/// Bring the slot to rest, with all of its processes: an adoption that was cut short is finished (it only begins once
/// the successor is healthy, or gets requests already), any other successor is removed and the current container has
/// its port, and a retired container is ended. Returns the containers as they are then.
SlotContainers settle(Services& services, const Slot& slot);

/// What to make of a deployment that a runner began and did not finish.
enum class Unfinished {
  live,   ///< its container serves, and gets live traffic: only its outcome was not stored
  ready,  ///< its container serves
  undone, ///< nothing of it is left; it can be run again
};
/// Settles the deployment's slot first, and lets the store follow the router.
[[nodiscard]] Unfinished recover(Services& services, Store& store, const Deployment& deployment);

/// "blue still runs 5aa01fe (deployment 41) on port 50101", "nothing runs on blue", or that it cannot be told.
[[nodiscard]] std::string describe_running(Services& services, const Slot& slot);

} // namespace teal
