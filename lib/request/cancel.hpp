/// @file
/// Cancel: end a deployment that waits or runs, and see it through.
///
/// One that waits ends at once. One that runs ends what it is at, and undoes all as if that had failed; one that takes
/// over, or has, goes on.
#pragma once

#include "request/submission.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace teal {

/// Returns the deployment as it ended: cancelled, unless it failed by itself at that very moment. Throws Error(usage)
/// if there is none, or if it is over, and Error(busy) if it takes over, saying what to do instead. What was asked of a
/// deployment is an action of `who` (see Actions).
Deployment cancel_deployment(const Workplace& place, std::int64_t id, const Principal& who);
/// The same without waiting for its end: one that runs is returned as running.
Deployment ask_to_cancel(const Workplace& place, std::int64_t id, const Principal& who);

/// What of the app waits or runs, the oldest first.
[[nodiscard]] std::vector<Deployment> pending_of(const Queue& queue, std::string_view app);
/// Cancels all of it. One that takes over, or has ended meanwhile, is left to its end.
void cancel_all(const Workplace& place, std::string_view app, const Principal& who);

} // namespace teal
