/// @file
/// TargetHealth: the check of a target without colors: the page that its settings name, if they name one.
#pragma once

#include "target/plain_target.hpp"

namespace teal {

/// The step `check`. Throws as await_healthy() does.
void check_health(const PlainOrder& order, const TargetSettings::Health& health);

/// The page that it names, outside any step.
[[nodiscard]] std::string await_healthy(const TargetSettings::Health& health, const std::stop_token& interrupt);

/// What it would do; empty: nothing.
[[nodiscard]] std::string describe(const TargetSettings::Health& health);

} // namespace teal
