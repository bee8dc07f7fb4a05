/// @file
/// Restore: what should be, brought about in a whole home, after a restart of host, engine or router.
///
/// Invariant: a router that was down starts with routes to verified containers only, and an app whose container is gone
/// is answered for with a 503. What a person took down or stopped stays so.
#pragma once

#include "store/store.hpp"
#include "target/services.hpp"

#include <functional>
#include <string>

namespace teal {

using Tell = std::function<void(const std::string&)>;

/// Of all apps: containers that ended with the engine are started, those of live traffic first, proven, and routed; the
/// router is started; what a killed runner left is put right. `tell` gets a line for each thing that was changed, or is
/// wrong and cannot be put right here. An app at which a runner works is left to it. Returns whether all is as it
/// should be now. Throws Error(environment) if the engine does not answer.
bool restore(Services& services, Store& store, const Tell& tell);

} // namespace teal
