/// @file
/// Rule check: what can be wrong with an app's rules and targets taken together.
#pragma once

#include "config/loader.hpp"

#include <string>
#include <vector>

namespace teal {

/// Throws Error(settings) with its place for a destination that is no target of the app's, and for a `target`
/// other than docker: none can have colors.
void require_targets(const AppSettings& settings, const Origins& origins);

/// The rules that can never match, for an earlier one of the same kind takes all that they would: "app.yml:12: rule 3
/// (branch 'main') can never match: rule 1 (branch '*') takes all of it first". Not all such rules are known: see
/// covers_glob.
[[nodiscard]] std::vector<std::string> unreachable_rules(const std::vector<RuleSettings>& rules,
                                                         const Origins& origins);

} // namespace teal
