#include "git/repository.hpp"

#include "core/file_io.hpp"
#include "core/text.hpp"
#include "git/libgit2.hpp"
#include "process/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <vector>

namespace teal::git {

namespace {

/// The value of `key` in exactly the configuration file given.
std::optional<std::string> value_in(git_config* config, const std::string& key) {
  Buffer value;
  const int result = git_config_get_string_buf(value.get(), config, key.c_str());
  if (result == GIT_ENOTFOUND) {
    return std::nullopt;
  }
  require(result, fmt::format("cannot read the git setting '{}'", key));
  return std::string(value.view());
}

bool is_sha256(const std::filesystem::path& path) {
  for (const auto& file : {path / "config", path / ".git" / "config"}) {
    git_config* raw = nullptr;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored) || git_config_open_ondisk(&raw, file.c_str()) < 0) {
      continue;
    }
    const ConfigHandle config(raw);
    if (value_in(config.get(), "extensions.objectformat") == "sha256") {
      return true;
    }
  }
  return false;
}

/// Nothing if there is no repository at exactly `path`.
RepositoryHandle try_open(const std::filesystem::path& path) {
  start_libgit2();
  // Asked beforehand: libgit2 leaks what it refuses an extension with, and says less.
  if (is_sha256(path)) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is a SHA-256 repository, which tealhook cannot read yet; make one with 'git init "
                            "--object-format=sha1'",
                            path.string()));
  }
  git_repository* raw = nullptr;
  const int result = git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  RepositoryHandle repository(raw);
  if (result == GIT_ENOTFOUND) {
    return nullptr;
  }
  require(result, fmt::format("cannot open the git repository '{}'", path.string()), ErrorKind::settings);
  return repository;
}

/// The lines of a git configuration without the headers `header` that no entry follows.
std::string without_empty(const std::string& text, const std::string& header) {
  std::vector<std::string> kept;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view words = trim(line);
    if (words.starts_with('[') && !kept.empty() && trim(kept.back()) == header) {
      kept.pop_back();
    }
    kept.push_back(line);
  }
  while (kept.size() > 1 && kept.back().empty() && trim(kept[kept.size() - 2]) == header) {
    kept.erase(kept.end() - 2);
  }
  return join(kept, "\n");
}

ConfigHandle own_config(git_repository* repository) {
  git_config* raw = nullptr;
  require(git_repository_config(&raw, repository), "cannot read the repository's configuration");
  const ConfigHandle all(raw);
  git_config* local = nullptr;
  require(git_config_open_level(&local, all.get(), GIT_CONFIG_LEVEL_LOCAL),
          "cannot read the repository's own configuration");
  return ConfigHandle(local);
}

bool means_no_such_commit(int result) {
  return result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC || result == GIT_EAMBIGUOUS || result == GIT_EPEEL ||
         result == GIT_EINVALID;
}

std::string subject_of(const git_commit& commit) {
  constexpr std::size_t k_longest = 72;
  const auto message = trim(git_commit_message(&commit));
  return shorten(printable(trim(message.substr(0, message.find('\n')))), k_longest);
}

CommitHandle look_up(git_repository* repository, const std::string& commit_id) {
  const git_oid id = parse_id(commit_id);
  git_commit* commit = nullptr;
  require(git_commit_lookup(&commit, repository, &id), fmt::format("cannot read the commit '{}'", commit_id));
  return CommitHandle(commit);
}

TreeHandle tree_of(git_repository* repository, const std::string& commit_id) {
  const auto commit = look_up(repository, commit_id);
  git_tree* tree = nullptr;
  require(git_commit_tree(&tree, commit.get()), fmt::format("cannot read the commit '{}'", commit_id));
  return TreeHandle(tree);
}

bool has_object(git_repository* repository, const std::string& hex) {
  git_odb* raw = nullptr;
  require(git_repository_odb(&raw, repository), "cannot open the repository's objects");
  const OdbHandle objects(raw);
  const git_oid id = parse_id(hex);
  return git_odb_exists(objects.get(), &id) != 0;
}

} // namespace

void Repository::Free::operator()(git_repository* repository) const {
  git_repository_free(repository);
}

Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;
Repository::~Repository() = default;

Repository Repository::open(const std::filesystem::path& path, const std::vector<std::filesystem::path>& more_objects) {
  auto handle = try_open(path);
  if (!handle) {
    throw Error(ErrorKind::settings, fmt::format("there is no git repository at '{}'", path.string()));
  }
  Repository repository(handle.release());
  for (const std::filesystem::path& folder : more_objects) {
    const std::string failed = fmt::format("cannot read the objects in '{}'", folder.string());
    git_odb* objects = nullptr;
    require(git_repository_odb(&objects, repository.handle()), failed);
    const OdbHandle owner(objects);
    require(git_odb_add_disk_alternate(objects, folder.c_str()), failed);
  }
  repository.m_more_objects = more_objects;
  return repository;
}

Repository Repository::create_bare(const std::filesystem::path& path, std::string_view branch) {
  if (auto existing = try_open(path)) {
    return Repository(existing.release());
  }
  const std::string head(branch);
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  options.initial_head = head.c_str();
  git_repository* raw = nullptr;
  require(git_repository_init_ext(&raw, path.c_str(), &options),
          fmt::format("cannot make the git repository '{}'", path.string()));
  return Repository(raw);
}

std::filesystem::path Repository::path() const {
  const std::string_view path = git_repository_path(handle());
  return path.substr(0, path.find_last_not_of('/') + 1);
}

bool Repository::is_bare() const {
  return git_repository_is_bare(handle()) != 0;
}

std::filesystem::path Repository::hooks_folder() const {
  const auto configured = config("core.hooksPath");
  if (!configured) {
    return path() / "hooks";
  }
  if (configured->starts_with('~')) {
    throw Error(ErrorKind::settings,
                fmt::format("core.hooksPath of '{}' is '{}', which depends on who runs git; give the whole path",
                            path().string(), *configured));
  }
  return path() / *configured;
}

std::optional<Commit> Repository::find_commit(std::string_view revision) const {
  const std::string text(revision);
  const auto failed = fmt::format("cannot look up the revision '{}'", text);
  git_object* found = nullptr;
  int result = git_revparse_single(&found, handle(), text.c_str());
  if (means_no_such_commit(result)) {
    return std::nullopt;
  }
  require(result, failed);
  const ObjectHandle object(found);
  git_object* peeled = nullptr;
  result = git_object_peel(&peeled, found, GIT_OBJECT_COMMIT);
  if (means_no_such_commit(result)) {
    return std::nullopt;
  }
  require(result, failed);
  const ObjectHandle owner(peeled);
  const auto* commit = reinterpret_cast<const git_commit*>(peeled);
  return Commit{.id = to_hex(*git_commit_id(commit)),
                .tree = to_hex(*git_commit_tree_id(commit)),
                .subject = subject_of(*commit)};
}

std::string Repository::message(const std::string& commit) const {
  return git_commit_message(look_up(handle(), commit).get());
}

bool Repository::descends(const std::string& commit, const std::string& ancestor) const {
  if (commit == ancestor) {
    return true;
  }
  if (!has_object(handle(), ancestor)) {
    return false;
  }
  const git_oid younger = parse_id(commit);
  const git_oid older = parse_id(ancestor);
  const int result = git_graph_descendant_of(handle(), &younger, &older);
  require(result, fmt::format("cannot read the history of the commit '{}'", commit));
  return result == 1;
}

bool Repository::has_change(const std::string& before, const std::string& after,
                            const std::function<bool(std::string_view path)>& counts) const {
  if (!has_object(handle(), before)) {
    return true;
  }
  const auto from = tree_of(handle(), before);
  const auto to = tree_of(handle(), after);
  git_diff* raw = nullptr;
  require(git_diff_tree_to_tree(&raw, handle(), from.get(), to.get(), nullptr),
          fmt::format("cannot compare the commits '{}' and '{}'", before, after));
  const DiffHandle diff(raw);
  for (std::size_t i = 0; i < git_diff_num_deltas(raw); ++i) {
    const git_diff_delta* delta = git_diff_get_delta(raw, i);
    if (counts(delta->old_file.path) || counts(delta->new_file.path)) {
      return true;
    }
  }
  return false;
}

std::optional<std::string> Repository::read_file(const std::string& commit, const std::string& path,
                                                 std::size_t limit) const {
  const auto failed = fmt::format("cannot read '{}' of the commit '{}'", path, commit);
  const auto tree = tree_of(handle(), commit);
  git_tree_entry* found = nullptr;
  const int result = git_tree_entry_bypath(&found, tree.get(), path.c_str());
  if (result == GIT_ENOTFOUND) {
    return std::nullopt;
  }
  require(result, failed);
  const TreeEntryHandle entry(found);
  const auto mode = git_tree_entry_filemode(found);
  if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE) {
    return std::nullopt;
  }
  git_blob* raw = nullptr;
  require(git_blob_lookup(&raw, handle(), git_tree_entry_id(found)), failed);
  const BlobHandle blob(raw);
  const auto size = static_cast<std::size_t>(git_blob_rawsize(raw));
  if (size > limit) {
    throw Error(ErrorKind::settings, fmt::format("{}: it has {}, and at most {} are allowed", failed, format_size(size),
                                                 format_size(limit)));
  }
  return std::string(static_cast<const char*>(git_blob_rawcontent(raw)), size);
}

bool Repository::may_have(const std::string& commit, const std::filesystem::path& path) const {
  const auto tree = tree_of(handle(), commit);
  std::filesystem::path so_far;
  for (const auto& part : path) {
    if (part == "." || part.empty()) {
      continue;
    }
    so_far /= part;
    git_tree_entry* found = nullptr;
    const int result = git_tree_entry_bypath(&found, tree.get(), so_far.c_str());
    if (result == GIT_ENOTFOUND) {
      return false;
    }
    require(result, fmt::format("cannot look for '{}' in the commit '{}'", path.string(), commit));
    const TreeEntryHandle entry(found);
    if (git_tree_entry_filemode(found) == GIT_FILEMODE_LINK) {
      return true;
    }
  }
  return true;
}

std::optional<std::string> Repository::config(const std::string& key) const {
  return value_in(own_config(handle()).get(), key);
}

void Repository::set_config(const std::string& key, const std::string& value) {
  require(git_config_set_string(own_config(handle()).get(), key.c_str(), value.c_str()),
          fmt::format("cannot set the git setting '{}'", key));
}

void Repository::unset_config(const std::string& key) {
  const int result = git_config_delete_entry(own_config(handle()).get(), key.c_str());
  if (result != GIT_ENOTFOUND) {
    require(result, fmt::format("cannot unset the git setting '{}'", key));
  }
}

/// Under git's own lock of the file, which is the new file.
void Repository::remove_empty_section(std::string_view section) {
  const std::filesystem::path file = path() / "config";
  const std::filesystem::path fresh = path() / "config.lock";
  struct stat facts {};
  const Descriptor out(::stat(file.c_str(), &facts) == 0
                           ? ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, facts.st_mode & ACCESSPERMS)
                           : -1);
  if (!out) {
    return;
  }
  const std::string text = without_empty(teal::read_file(file), fmt::format("[{}]", section));
  std::error_code fault;
  if (teal::write_all(out.number(), text.data(), text.size())) {
    std::filesystem::rename(fresh, file, fault);
  } else {
    std::filesystem::remove(fresh, fault);
  }
}

} // namespace teal::git
