/// @file
/// Recovery: what to make of a deployment whose runner was killed, read from engine and router.
#pragma once

#include "process/file_lock.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <string>

namespace teal {

/// What to make of a deployment that a runner began and did not finish.
enum class Unfinished {
  live,   ///< its container serves, and gets live traffic: only its outcome was not stored
  ready,  ///< its container serves
  undone, ///< nothing of it is left; it can be run again
};
/// Settles the deployment's slot first, and lets the store follow the router.
[[nodiscard]] Unfinished recover(const FileLock& app_lock, Services& services, Store& store,
                                 const Deployment& deployment);

/// "blue still runs 5aa01fe (deployment 41) on port 50101", "nothing runs on blue", or that it cannot be told.
[[nodiscard]] std::string describe_running(Services& services, const Slot& slot);
/// The same of where the deployment went.
[[nodiscard]] std::string describe_running(Services& services, const Store& store, const Deployment& deployment);

} // namespace teal
