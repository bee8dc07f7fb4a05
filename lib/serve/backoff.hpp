/// @file
/// Backoff: the pause before what failed is tried again.
#pragma once

#include "core/clock.hpp"

namespace teal::serve {

/// How long to wait after `attempts` in vain: 5 s, 10 s and so on, at most 10 min.
[[nodiscard]] Milliseconds backoff(int attempts);

} // namespace teal::serve
