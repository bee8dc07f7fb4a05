/// @file
/// Folders of a work tree: opened, listed, made and removed by name in their open parent. No call here follows a
/// symlink.
///
/// All throw Error(environment) with the system's reason.
#pragma once

#include "core/descriptor.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace teal::git {

struct MadeFolder {
  Descriptor folder;
  std::size_t removed = 0; ///< 1 if a file or symlink had its place
};

/// The folder `name` in `parent`, made where it is missing or where something else has its place.
[[nodiscard]] MadeFolder make_folder(int parent, const std::string& name);

/// What lies in a folder, "." and ".." left out.
[[nodiscard]] std::vector<std::string> names_in(int folder);

/// Removes the file, or the folder with all in it. Returns how many files and folders that were; 0 if there is none.
std::size_t remove_entry(int parent, const std::string& name);

} // namespace teal::git
