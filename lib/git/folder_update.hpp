/// @file
/// FolderUpdate: makes single folders of a work tree hold exactly what is listed for them. One a thread.
///
/// Several may work on one tree, each on its own folders: a folder leaves alone what is listed as a folder in it, and
/// only entering that one makes it, or removes what has its place.
#pragma once

#include "git/blob_reader.hpp"
#include "git/checkout_index.hpp"
#include "git/folder_cursor.hpp"
#include "git/tree_listing.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace teal::git {

/// What all folders of one checkout are updated from and to. All of it outlives the updates.
struct UpdatePlan {
  const TreeListing& listing;
  const CheckoutIndex& before;
  int work_tree; ///< open
  mode_t umask;
};

struct FolderOutcome {
  std::optional<std::string> record; ///< for the next index; nothing if the one there is in the index stands
  std::size_t written = 0;
  std::size_t removed = 0;
};

class FolderUpdate {
public:
  explicit FolderUpdate(const UpdatePlan& plan);

  /// Throws Error(environment).
  [[nodiscard]] FolderOutcome update(const TreeFolder& folder);

private:
  struct Progress;

  /// Removes what is not listed. Returns whether each listed file's name is there, as whatever kind.
  static std::vector<bool> clear(Progress& progress);
  /// Makes all files as wanted, and returns their states.
  std::vector<FileStat> settle_all(Progress& progress, const IndexFolder& remembered, const std::vector<bool>& present);
  FileStat settle(Progress& progress, const TreeFile& file, const IndexFile* remembered, bool present);

  const UpdatePlan& m_plan;
  FolderCursor m_cursor;
  BlobReader m_blobs;
};

} // namespace teal::git
