/// @file
/// DeployRules: the rules that an app's settings come to, for every door.
#pragma once

#include "config/settings.hpp"
#include "model/rule.hpp"

#include <vector>

namespace teal {

/// Without `rules`, `branches` is short for a rule each, to the door's own Destination.
[[nodiscard]] std::vector<Rule> rules_of(const AppSettings& settings);

} // namespace teal
