/// @file
/// Restore: engine, router and store of a whole home brought together, after a restart of the host or of any of them.
///
/// Invariant: a router that was down starts with routes to verified containers only, and an app whose container is gone
/// is answered for with a 503.
#pragma once

#include "deploy/services.hpp"
#include "store/store.hpp"

#include <functional>
#include <string>

namespace teal {

using Tell = std::function<void(const std::string&)>;

/// `tell` gets a line for each thing that was changed, or is wrong and cannot be put right here. An app at which a
/// runner works is left to it. Throws Error(environment) if the engine does not answer or the router does not start.
void restore(Services& services, Store& store, const Tell& tell);

/// One app: containers that a killed runner left, routes, and what is live. The caller holds the app's lock.
void restore_app(Services& services, Store& store, const std::string& app, const Tell& tell);

} // namespace teal
