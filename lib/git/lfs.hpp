/// @file
/// Git LFS: files of a commit that are pointers to contents kept elsewhere, filled in where these can be had.
///
/// Contents come from the bare repository's own store (lfs/objects, as git-lfs keeps it), and into that, where git-lfs
/// is installed, from the lfs.url that the repository's own configuration names: never from one that the commit names,
/// for whoever can push writes that. `git lfs push` over ssh ends at a server of its own protocol, which we are not.
#pragma once

#include "git/repository.hpp"
#include "process/subprocess.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace teal::git {

struct LfsRequest {
  std::string commit;              ///< that the work tree has
  std::filesystem::path work_tree; ///< as checkout() left it
  Environment environment;         ///< of the git that fetches
  Milliseconds deadline{0};
  std::stop_token interrupt;
};

struct LfsResult {
  std::size_t filled = 0;
  std::vector<std::string> missing; ///< paths of the pointers that stay
  std::string fault;                ///< why nothing could be fetched; may be empty
};

/// Looks only where the commit's .gitattributes name LFS. Throws Error(environment) where the disk fails.
[[nodiscard]] LfsResult fill_lfs_files(const Repository& repository, const LfsRequest& request);

/// What people are to know of the pointers that stay, and do about them; "" if there are none.
[[nodiscard]] std::string describe_missing(const LfsResult& result, const Repository& repository);

} // namespace teal::git
