/// @file
/// BlobReader: the content a listed file is to have in the work tree, line endings and all. One a thread.
///
/// Nothing a repository or its attributes name is run: only libgit2's own filters (line endings, $Id$) apply.
#pragma once

#include "git/tree_listing.hpp"

#include <memory>
#include <string_view>

namespace teal::git {

class BlobReader {
public:
  /// `listing` outlives the reader.
  explicit BlobReader(const TreeListing& listing);
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;
  ~BlobReader();

  /// The bytes are good until the next call. Throws Error(environment) if the object is missing or broken.
  std::string_view read(const TreeFolder& folder, const TreeFile& file);

private:
  struct Source;
  struct Content;

  Source& source(std::size_t number);

  const TreeListing& m_listing;
  std::vector<std::unique_ptr<Source>> m_sources; ///< opened when first needed
  std::unique_ptr<Content> m_content;
};

} // namespace teal::git
