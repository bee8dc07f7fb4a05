/// @file
/// Files of a work tree: looked at, compared with what they are to hold, and written anew, by name in their open
/// folder.
///
/// A file is never written over: it is removed and made, so that what a hard link or symlink leads to is left alone.
#pragma once

#include "git/tree_folder.hpp"

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace teal::git {

/// What tells a file from another, and from what it was before: any write, chmod or replacement changes one of these.
struct FileStat {
  std::int64_t modified = 0; ///< nanoseconds since the epoch, as the next
  std::int64_t changed = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t mode = 0;

  bool operator==(const FileStat&) const = default;
};

/// Since the epoch.
[[nodiscard]] std::int64_t nanoseconds(const timespec& time);

/// Nothing if there is no such file. Throws Error(environment), as do the others.
[[nodiscard]] std::optional<FileStat> look_at(int folder, const std::string& name);

/// Of what is open. Throws Error(environment).
[[nodiscard]] FileStat look_at(int descriptor);

[[nodiscard]] bool is_folder(const FileStat& stat);

/// Whether what `stat` was taken of is of the kind, permissions and content that `file` is to have.
[[nodiscard]] bool is_as_wanted(int folder, const TreeFile& file, const FileStat& stat, std::string_view content,
                                mode_t umask);

/// Makes the file, where nothing of that name is. Returns its state.
FileStat make_file(int folder, const TreeFile& file, std::string_view content);

} // namespace teal::git
