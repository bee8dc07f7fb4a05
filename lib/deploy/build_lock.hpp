/// @file
/// BuildLock: one of the builds that may run at once in a home (limits.builds).
#pragma once

#include "process/file_lock.hpp"
#include "request/deployment_log.hpp"
#include "target/services.hpp"

namespace teal {

/// Waits for one of limits.builds, and says so in `log`. Throws Error(busy) if there is none within a day.
[[nodiscard]] FileLock acquire_build_lock(const Services& services, DeploymentLog& log);

} // namespace teal
