/// @file
/// Follow: a router's servers kept where an app's replicas are, of a target that moves them by itself.
///
/// Invariant: which release gets requests is nobody's to change here: each way in leads to what it led to before, to
/// those of its replicas that are there now. One that came is healthy before it gets requests, and the last ones are
/// never given up for nobody.
#pragma once

#include "store/store.hpp"
#include "target/services.hpp"

#include <string>

namespace teal {

/// What cannot be connected to gets no requests while another one can. Returns whether the router was told anything.
/// Throws Error(environment) if target or router do not answer.
bool follow_replicas(Services& services, Store& store, const std::string& app);

} // namespace teal
