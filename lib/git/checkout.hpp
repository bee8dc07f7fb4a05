/// @file
/// Checkout: makes a folder hold exactly a commit's files, writing only what is not there already.
///
/// Invariant: nothing outside the work tree is read, written or removed, whatever names, symlinks and submodules the
/// commit has: every step is taken relative to an open folder and follows no link. A folder left by a checkout that was
/// killed, or changed by hand, is put right by the next one: what was written is remembered, by stat data, in an index
/// file.
#pragma once

#include "git/repository.hpp"
#include "git/submodules.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace teal::git {

struct CheckoutOptions {
  std::filesystem::path work_tree;       ///< made where missing; what is in it and not in the commit is removed
  std::filesystem::path index;           ///< outside the work tree; what the last checkout left there
  SubmoduleSource* submodules = nullptr; ///< where submodules come from; without one, a commit that has any is refused
};

struct CheckoutResult {
  std::size_t files = 0;   ///< in the commit, submodules' included
  std::size_t written = 0; ///< of them, written now
  std::size_t removed = 0; ///< files and folders that were there and are not in the commit
};

/// Line endings follow the commit's own .gitattributes; file modes are 0644 and 0755 under the process's umask.
/// Throws Error(settings) for a commit that cannot be checked out safely (a path named "..", ".git" or the like, a
/// refused submodule), before anything is written; Error(environment) when the disk fails.
CheckoutResult checkout(const Repository& repository, const std::string& commit, const CheckoutOptions& options);

} // namespace teal::git
