/// @file
/// The names that a tree may give to what lies in it. A tree is written by whoever can push, and nothing but its reader
/// stands between its names and the file system.
#pragma once

#include <string_view>

namespace teal::git {

/// Why git's own checkout would not make a file or folder of that name, or nothing (an empty text) if it would: what
/// leads elsewhere (".", "..", a slash), what is or could be taken for ".git", what no file system has.
[[nodiscard]] std::string_view fault_of_name(std::string_view name);

/// Whether `name` is ".gitmodules" on any file system; git refuses a symlink of that name.
[[nodiscard]] bool is_gitmodules(std::string_view name);

} // namespace teal::git
