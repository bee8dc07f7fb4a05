/// @file
/// TreeFolder: one folder of a commit, as a work tree is to have it.
#pragma once

#include <git2/oid.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace teal::git {

enum class FileKind : std::uint8_t { regular, executable, symlink };

struct TreeFile {
  std::string name;
  git_oid id;
  FileKind kind;
};

struct TreeSubfolder {
  std::string name;
  git_oid id; ///< of its tree, or of a submodule's commit
  bool is_submodule;
};

struct TreeFolder {
  std::string path;                   ///< below the work tree; the work tree itself has an empty one
  std::size_t source = 0;             ///< where its blobs are: an index of TreeListing::sources
  git_oid tree{};                     ///< zero for the empty folder of a submodule that comes from nowhere
  git_oid attributes{};               ///< a digest of the .gitattributes files that reach it; zero if there are none
  std::vector<TreeFile> files;        ///< sorted by name, bytewise, as the next
  std::vector<TreeSubfolder> folders; ///< all with something in them, or a submodule's
};

} // namespace teal::git
