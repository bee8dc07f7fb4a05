/// @file
/// Nearest: what somebody probably meant by a misspelt word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// The candidate that is most like `word`, or an empty text if none is like it at all: up to a quarter of its letters,
/// at least one and at most three, may have to be added, dropped or changed.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

} // namespace teal
