/// @file
/// Old events: what is forgotten of what came in, and what never is.
///
/// Invariant: what runs or is kept for a rollback stays, so do an app's newest hundred deployments, and what each
/// source asked for last, and had deployed well last: by these it is known what was asked for already.
#pragma once

#include "store/database.hpp"

#include <string_view>
#include <vector>

namespace teal {

/// Forgets deployments of the app that were asked for before `before`, with their events and steps, some hundreds at a
/// time, the oldest first. Returns their ids.
std::vector<std::int64_t> forget_old_deployments(Database& database, std::string_view app, TimePoint before);

} // namespace teal
