/// @file
/// .gitmodules: where a commit says its submodules come from. Read here and not by libgit2, whose reader would follow
/// an "include" of the stranger who wrote it to a file of this host.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace teal::git {

/// The URL of each submodule, by its path; one without a URL is left out.
[[nodiscard]] std::map<std::string, std::string> parse_gitmodules(std::string_view text);

} // namespace teal::git
