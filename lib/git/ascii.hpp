/// @file
/// Letters compared as git compares them in its own names: only those of ASCII have a lower case.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace teal::git {

[[nodiscard]] inline std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

} // namespace teal::git
