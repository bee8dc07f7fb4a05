/// @file
/// RouterStart: whoever needs the router starts it, unless a person took it down.
///
/// Invariant: it starts with the routes of all apps, and of their servers with those only that run and are the ones
/// meant: by id, by label, and by the address that they have now. It is checked under the router's own lock, so that
/// nobody's newer routes are lost, and two who start it at once start it once.
#pragma once

#include "target/services.hpp"

#include <string>

namespace teal {

/// Starts the router if there is to be one and it does not run. Returns whether it did. Throws Error(environment) if
/// somebody took it down, saying who, or if it cannot be started.
bool ensure_router(Services& services);
/// Who took the router down, so that nobody but `router up` is to start it; "" if nobody did.
[[nodiscard]] std::string router_taken_down_by(const Services& services);
/// Throws Error(environment) if somebody did and it does not run.
void require_router_wanted(Services& services);

/// It ends, and stays so until allow_router(). Returns false if it did not run.
bool take_router_down(Services& services, const std::string& who);
void allow_router(const Services& services);

} // namespace teal
