/// @file
/// FolderCursor: walks the folders of a work tree by path, keeping those it is in open, so that a folder is reached by
/// opening each name in its open parent and never by a path that a symlink could bend.
#pragma once

#include "core/descriptor.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace teal::git {

class FolderCursor {
public:
  /// `root`: the open work tree, which outlives the cursor.
  explicit FolderCursor(int root) : m_root(root) {}

  /// Opens `path` below the root ("" is the root), making each folder that is missing or has something else in its
  /// place. The descriptor is good until the next call. Throws Error(environment).
  int enter(const std::string& path);

  /// Files and symlinks removed so far because they had a folder's place.
  [[nodiscard]] std::size_t removed() const { return m_removed; }

private:
  struct Level {
    std::string name;
    Descriptor folder;
  };
  [[nodiscard]] int innermost() const { return m_levels.empty() ? m_root : m_levels.back().folder.number(); }

  int m_root;
  std::vector<Level> m_levels;
  std::size_t m_removed = 0;
};

} // namespace teal::git
