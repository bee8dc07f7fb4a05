/// @file
/// Retirement: what was replaced is let go: what it was asked is waited for, then it is stopped and removed.
///
/// Invariant: nothing that a router sends requests to is ever stopped.
#pragma once

#include "config/settings.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <string>
#include <vector>

namespace teal {

using Retired = std::vector<Running>;

/// What the app's settings say of the way down; the defaults where they cannot be read now.
[[nodiscard]] DeploySettings way_down_of(Services& services, const std::string& app);
/// With a router. Returns how many requests were still under way in the end.
std::uint64_t drain_retired(Services& services, Store& store, const std::string& app, const Retired& retired,
                            Milliseconds patience);
/// Throws Error(environment) once the others have ended if one still gets requests.
void end_retired(Services& services, const std::string& app, const Retired& retired, Milliseconds stop_timeout);
/// Both, of all that is retired of the app. Returns whether there was any.
bool retire_all(Services& services, Store& store, const Slot& any);

} // namespace teal
