/// @file
/// AppLock: the lock of an app for who is no runner.
#pragma once

#include "model/home.hpp"
#include "process/file_lock.hpp"
#include "store/queue.hpp"

#include <string_view>

namespace teal {

/// A runner whose last deployment has ended still stops what that replaced: that is waited for, a deployment is not.
/// Throws Error(busy) while one runs or waits.
[[nodiscard]] FileLock acquire_app_lock(const AppFolder& folder, const Queue& queue, std::string_view app);

} // namespace teal
