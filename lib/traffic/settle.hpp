/// @file
/// Settle: a slot brought to rest (see Target::settle), by what the router sends requests to.
#pragma once

#include "target/services.hpp"

namespace teal {

/// `failed` is a deployment that is to be undone.
Settled settle(const FileLock& app_lock, Services& services, const Slot& slot, std::int64_t failed = 0);

} // namespace teal
