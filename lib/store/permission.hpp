/// @file
/// Permission: where each door asks whether somebody may.
///
/// Invariant: what is refused is on record before whoever asked hears of it.
#pragma once

#include "model/principal.hpp"
#include "store/actions.hpp"

#include <string>
#include <string_view>

namespace teal {

/// `asked`: what for, in words, for the record.
[[nodiscard]] bool allows(Actions& record, const Principal& who, std::string_view app, Verb verb,
                          const std::string& asked = {});
/// Throws Error(usage) with why not, which says as little of an app that is there as of one that is not.
void require_may(Actions& record, const Principal& who, std::string_view app, Verb verb, const std::string& asked = {});

} // namespace teal
