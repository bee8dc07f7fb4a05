/// @file
/// TreeListing: every file and folder of a commit, those of its submodules in their places, as a work tree is to have
/// them.
///
/// Invariant: every name and path in it is safe to make below a work tree; a commit with one that is not has no
/// listing.
#pragma once

#include "git/repository.hpp"
#include "git/submodules.hpp"
#include "git/tree_folder.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace teal::git {

class CheckoutIndex;

/// The commit itself, or a submodule of it.
struct TreeSource {
  std::filesystem::path repository;
  std::vector<std::filesystem::path> more_objects; ///< of the repository
  git_oid commit;
  std::size_t path_length; ///< of what stands before a path of the source's own, with the slash
};

struct TreeListing {
  std::vector<TreeSource> sources;
  std::vector<TreeFolder> folders; ///< each before those in it; the first is the work tree
  std::size_t file_count = 0;
};

/// Reads the trees of `commit`, but for those that `known` remembers. A gitlink that .gitmodules does not mention is an
/// empty folder, as it is with git. Throws Error(settings) for an unsafe name, a refused submodule (all are where
/// `submodules` is null), or a commit beyond any real one's size; Error(environment) if an object cannot be had.
[[nodiscard]] TreeListing list_tree(const Repository& repository, const std::string& commit,
                                    SubmoduleSource* submodules, const CheckoutIndex& known);

} // namespace teal::git
