#include "git/blob_reader.hpp"

#include "git/libgit2.hpp"

#include <fmt/format.h>

#include <optional>

namespace teal::git {

struct BlobReader::Source {
  Repository repository;
  OdbHandle objects;
  RepositoryHandle bare_objects; ///< the objects without the repository's own settings and info/attributes
};

struct BlobReader::Content {
  OdbObjectHandle object;
  std::optional<Buffer> filtered;
};

namespace {

/// Null if the commit's attributes ask for nothing to be done to the blob.
FilterListHandle filters_for(git_repository* repository, git_blob* blob, const std::string& path,
                             const git_oid& commit) {
  git_filter_options options = GIT_FILTER_OPTIONS_INIT;
  options.flags = GIT_FILTER_ATTRIBUTES_FROM_COMMIT | GIT_FILTER_NO_SYSTEM_ATTRIBUTES;
  options.attr_commit_id = commit;
  git_filter_list* raw = nullptr;
  require(git_filter_list_load_ext(&raw, repository, blob, path.c_str(), GIT_FILTER_TO_WORKTREE, &options),
          fmt::format("cannot read the git attributes of '{}'", path));
  return FilterListHandle(raw);
}

} // namespace

BlobReader::BlobReader(const TreeListing& listing)
    : m_listing(listing), m_sources(listing.sources.size()), m_content(std::make_unique<Content>()) {}

BlobReader::~BlobReader() = default;

BlobReader::Source& BlobReader::source(std::size_t number) {
  auto& source = m_sources[number];
  if (!source) {
    const TreeSource& listed = m_listing.sources[number];
    auto repository = Repository::open(listed.repository, listed.more_objects);
    git_odb* odb = nullptr;
    require(git_repository_odb(&odb, repository.handle()), "cannot open the repository's objects");
    OdbHandle objects(odb);
    git_repository* bare = nullptr;
    require(git_repository_wrap_odb(&bare, odb), "cannot open the repository's objects");
    source = std::make_unique<Source>(Source{
        .repository = std::move(repository), .objects = std::move(objects), .bare_objects = RepositoryHandle(bare)});
  }
  return *source;
}

std::string_view BlobReader::read(const TreeFolder& folder, const TreeFile& file) {
  auto& from = source(folder.source);
  const auto failed = fmt::format("cannot read the content of '{}'", file.name);
  const auto& listed = m_listing.sources[folder.source];
  if (git_oid_is_zero(&folder.attributes) == 0 && file.kind != FileKind::symlink) {
    git_blob* raw = nullptr;
    require(git_blob_lookup(&raw, from.bare_objects.get(), &file.id), failed);
    const BlobHandle blob(raw);
    const auto path = fmt::format("{}/{}", folder.path, file.name).substr(folder.path.empty() ? 1 : listed.path_length);
    if (const auto filters = filters_for(from.bare_objects.get(), raw, path, listed.commit)) {
      auto& filtered = m_content->filtered.emplace();
      require(git_filter_list_apply_to_blob(filtered.get(), filters.get(), raw), failed);
      return filtered.view();
    }
  }
  git_odb_object* raw = nullptr;
  require(git_odb_read(&raw, from.objects.get(), &file.id), failed);
  m_content->object.reset(raw);
  return {static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw)};
}

} // namespace teal::git
