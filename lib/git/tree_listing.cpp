#include "git/tree_listing.hpp"

#include "core/text.hpp"
#include "git/checkout_index.hpp"
#include "git/entry_name.hpp"
#include "git/gitmodules.hpp"
#include "git/libgit2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <string_view>

namespace teal::git {

namespace {

// A few small trees, each naming the next ten times, can stand for 10^10 files.
constexpr std::size_t k_most_entries = 1'000'000;
// Each level is a descriptor held open while its files are written.
constexpr std::size_t k_deepest_folder = 100;
constexpr int k_deepest_submodule = 8;
constexpr std::size_t k_longest_gitmodules = std::size_t{1} << 20U;

constexpr unsigned k_type_bits = 0170000;
constexpr unsigned k_type_folder = 0040000;
constexpr unsigned k_type_regular = 0100000;
constexpr unsigned k_type_symlink = 0120000;
constexpr unsigned k_type_gitlink = 0160000;

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
  throw Error(ErrorKind::settings, fmt::format("cannot check out '{}': {}", printable(path), why));
}

unsigned mode_of(const git_tree_entry& entry) {
  return static_cast<unsigned>(git_tree_entry_filemode_raw(&entry));
}
unsigned type_of(const git_tree_entry& entry) {
  return mode_of(entry) & k_type_bits;
}

std::string path_in(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : std::string(folder).append("/").append(name);
}

struct Contents {
  std::vector<TreeFile> files;
  std::vector<TreeSubfolder> folders;
};

FileKind kind_of(const git_tree_entry& entry) {
  if (type_of(entry) == k_type_symlink) {
    return FileKind::symlink;
  }
  constexpr unsigned k_owner_may_execute = 0100;
  return (mode_of(entry) & k_owner_may_execute) != 0 ? FileKind::executable : FileKind::regular;
}

/// Throws unless the entry can be made.
void require_safe(const git_tree_entry& entry, const std::string& folder) {
  const std::string_view name = git_tree_entry_name(&entry);
  if (const auto fault = fault_of_name(name); !fault.empty()) {
    refuse(path_in(folder, name), fault);
  }
  const unsigned type = type_of(entry);
  if (type == k_type_symlink && is_gitmodules(name)) {
    refuse(path_in(folder, name), "it is a symlink");
  }
  if (type != k_type_folder && type != k_type_regular && type != k_type_symlink && type != k_type_gitlink) {
    refuse(path_in(folder, name), fmt::format("its mode is {:o}", mode_of(entry)));
  }
}

/// Sorts what git has sorted its own way: a folder as if its name ended in a slash.
template <class Named>
void sort_by_name(std::vector<Named>& entries) {
  const auto before = [](const Named& a, const Named& b) { return a.name < b.name; };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) {
    std::sort(entries.begin(), entries.end(), before);
  }
}

/// Throws unless each entry stands alone under its name. Both are sorted.
void require_distinct_names(const Contents& contents, const std::string& path) {
  std::vector<std::string_view> names;
  names.reserve(contents.files.size() + contents.folders.size());
  for (const auto& file : contents.files) {
    names.emplace_back(file.name);
  }
  const auto middle = static_cast<std::ptrdiff_t>(names.size());
  for (const auto& folder : contents.folders) {
    names.emplace_back(folder.name);
  }
  std::inplace_merge(names.begin(), names.begin() + middle, names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
    refuse(path_in(path, *twice), "its folder has two entries of that name");
  }
}

Contents read_contents(const git_tree& tree, const std::string& path) {
  Contents contents;
  const auto count = git_tree_entrycount(&tree);
  contents.files.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const git_tree_entry& entry = *git_tree_entry_byindex(&tree, i);
    require_safe(entry, path);
    const auto type = type_of(entry);
    const auto& id = *git_tree_entry_id(&entry);
    if (type == k_type_folder || type == k_type_gitlink) {
      contents.folders.push_back(
          {.name = git_tree_entry_name(&entry), .id = id, .is_submodule = type == k_type_gitlink});
    } else {
      contents.files.push_back({.name = git_tree_entry_name(&entry), .id = id, .kind = kind_of(entry)});
    }
  }
  sort_by_name(contents.files);
  sort_by_name(contents.folders);
  require_distinct_names(contents, path);
  return contents;
}

/// The digest for a folder with `files`, below one with `inherited`.
git_oid attributes_for(const std::vector<TreeFile>& files, const git_oid& inherited) {
  const auto own = std::find_if(files.begin(), files.end(), [](const TreeFile& file) {
    return file.name == ".gitattributes" && file.kind != FileKind::symlink;
  });
  if (own == files.end()) {
    return inherited;
  }
  const std::array<git_oid, 2> chain{inherited, own->id};
  git_oid digest{};
  require(git_odb_hash(&digest, chain.data(), sizeof chain, GIT_OBJECT_BLOB), "cannot digest the git attributes");
  return digest;
}

class Lister {
public:
  Lister(SubmoduleSource* submodules, const CheckoutIndex& known) : m_submodules(submodules), m_known(known) {}

  void list_commit(const Repository& repository, const git_oid& id, const std::string& path, int nesting);
  [[nodiscard]] TreeListing take() { return std::move(m_listing); }

private:
  /// A commit while it is listed.
  struct Origin {
    const Repository& repository;
    std::string commit;
    std::size_t source;
    std::size_t path_length;
    int nesting;
    std::optional<std::map<std::string, std::string>> submodule_urls; ///< read when the first gitlink is met
  };

  /// False if there is nothing in the tree to make: git makes no folder for an empty one.
  bool list_folder(Origin& origin, const git_oid& tree, const std::string& path, const git_oid& inherited);
  void list_submodule(Origin& origin, const git_oid& commit, const std::string& path);
  [[nodiscard]] Contents contents_of(const Origin& origin, const git_oid& tree, const std::string& path) const;
  void add_empty_folder(const Origin& origin, const std::string& path);
  void count_entries(std::size_t count, const std::string& path);

  SubmoduleSource* m_submodules;
  const CheckoutIndex& m_known;
  TreeListing m_listing;
  std::size_t m_entries = 0;
};

void Lister::list_commit(const Repository& repository, const git_oid& id, const std::string& path, int nesting) {
  git_commit* commit = nullptr;
  require(git_commit_lookup(&commit, repository.handle(), &id), fmt::format("cannot read the commit '{}'", to_hex(id)));
  const CommitHandle owner(commit);
  Origin origin{.repository = repository,
                .commit = to_hex(id),
                .source = m_listing.sources.size(),
                .path_length = path.empty() ? 0 : path.size() + 1,
                .nesting = nesting,
                .submodule_urls = {}};
  m_listing.sources.push_back({.repository = repository.path(),
                               .more_objects = repository.more_objects(),
                               .commit = id,
                               .path_length = origin.path_length});
  if (!list_folder(origin, *git_commit_tree_id(commit), path, git_oid{})) {
    add_empty_folder(origin, path);
  }
}

Contents Lister::contents_of(const Origin& origin, const git_oid& tree, const std::string& path) const {
  const auto known = parse_record(m_known.record(path));
  Contents contents;
  if (git_oid_equal(&known.tree, &tree) != 0 && git_oid_is_zero(&tree) == 0) {
    contents.files.reserve(known.files.size());
    for (const auto& file : known.files) {
      contents.files.push_back({.name = std::string(file.name), .id = file.id, .kind = file.kind});
    }
    contents.folders = known.folders;
    return contents;
  }
  git_tree* raw = nullptr;
  require(git_tree_lookup(&raw, origin.repository.handle(), &tree),
          fmt::format("cannot read the folder '{}' of the commit '{}'", path, origin.commit));
  return read_contents(*TreeHandle(raw), path);
}

bool Lister::list_folder(Origin& origin, const git_oid& tree, const std::string& path, const git_oid& inherited) {
  if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) >= k_deepest_folder ||
      path.size() + NAME_MAX >= PATH_MAX) {
    refuse(shorten(path, 100), "its folders are nested too deeply");
  }
  auto [files, folders] = contents_of(origin, tree, path);
  count_entries(files.size() + folders.size(), path);
  const git_oid attributes = attributes_for(files, inherited);
  const bool has_files = !files.empty();
  const std::size_t here = m_listing.folders.size();
  m_listing.file_count += files.size();
  m_listing.folders.push_back({.path = path,
                               .source = origin.source,
                               .tree = tree,
                               .attributes = attributes,
                               .files = std::move(files),
                               .folders = {}});
  std::vector<TreeSubfolder> made;
  for (auto& folder : folders) {
    const auto below = path_in(path, folder.name);
    if (folder.is_submodule) {
      list_submodule(origin, folder.id, below);
    } else if (!list_folder(origin, folder.id, below, attributes)) {
      continue;
    }
    made.push_back(std::move(folder));
  }
  if (!has_files && made.empty()) {
    m_listing.folders.pop_back();
    return false;
  }
  m_listing.folders[here].folders = std::move(made);
  return true;
}

void Lister::list_submodule(Origin& origin, const git_oid& commit, const std::string& path) {
  if (!origin.submodule_urls) {
    const auto text = origin.repository.read_file(origin.commit, ".gitmodules", k_longest_gitmodules);
    origin.submodule_urls = parse_gitmodules(text.value_or(""));
  }
  const auto url = origin.submodule_urls->find(path.substr(origin.path_length));
  if (url == origin.submodule_urls->end()) {
    add_empty_folder(origin, path);
    return;
  }
  if (m_submodules == nullptr) {
    refuse(path, "it is a submodule, and submodules are not fetched here");
  }
  if (origin.nesting == k_deepest_submodule) {
    refuse(path, fmt::format("its submodules are nested more than {} deep", k_deepest_submodule));
  }
  while_doing(fmt::format("fetching the submodule '{}'", printable(path)), [&] {
    const Repository repository = m_submodules->repository_with(url->second, to_hex(commit));
    list_commit(repository, commit, path, origin.nesting + 1);
  });
}

void Lister::add_empty_folder(const Origin& origin, const std::string& path) {
  m_listing.folders.push_back(
      {.path = path, .source = origin.source, .tree = {}, .attributes = {}, .files = {}, .folders = {}});
}

void Lister::count_entries(std::size_t count, const std::string& path) {
  m_entries += count;
  if (m_entries > k_most_entries) {
    refuse(path, fmt::format("the commit has more than {} files and folders", k_most_entries));
  }
}

} // namespace

TreeListing list_tree(const Repository& repository, const std::string& commit, SubmoduleSource* submodules,
                      const CheckoutIndex& known) {
  Lister lister(submodules, known);
  lister.list_commit(repository, parse_id(commit), "", 0);
  return lister.take();
}

} // namespace teal::git
