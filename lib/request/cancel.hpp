/// @file
/// Cancel: end a deployment that waits or runs, and see it through.
///
/// One that waits ends at once. One that runs ends what it is at, and undoes all as if that had failed; one that takes
/// over, or has, goes on.
#pragma once

#include "request/submission.hpp"

namespace teal {

/// Returns the deployment as it ended: cancelled, unless it failed by itself at that very moment. Throws Error(usage)
/// if there is none, or if it is over, and Error(busy) if it takes over, saying what to do instead. What was asked of a
/// deployment is an action of `who` (see Actions).
Deployment cancel_deployment(const Workplace& place, std::int64_t id, const Principal& who);

} // namespace teal
