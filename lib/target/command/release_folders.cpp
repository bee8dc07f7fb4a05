#include "target/command/release_folders.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "git/work_folder.hpp"
#include "process/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_releases = "releases/";
constexpr const char* k_nowhere = "none"; ///< what `previous` leads to where nothing was current
constexpr const char* k_draft = ".draft";
constexpr mode_t k_folder_mode = 0755;

Descriptor open_folder(const fs::path& folder) {
  return open_file(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, fmt::format("open '{}'", folder.string()));
}

/// Where a path of a tree lies: its folder, which is made where it is missing, and its name there.
struct TreeEntry {
  Descriptor folder;
  std::string name;
};

TreeEntry entry_in(const fs::path& root, const std::vector<std::string>& components) {
  TreeEntry entry{open_folder(root), components.back()};
  for (auto component = components.begin(); component + 1 != components.end(); ++component) {
    entry.folder = git::make_folder(entry.folder.number(), *component).folder;
  }
  return entry;
}

bool is_there(const TreeEntry& entry) {
  struct stat status {};
  return ::fstatat(entry.folder.number(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

void require(bool done, const std::string& doing) {
  if (!done) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
  }
}

std::vector<std::string> components_of(const std::string& path) {
  auto components = split(path, '/');
  std::erase_if(components, [](const std::string& one) { return one.empty() || one == "."; });
  if (components.empty()) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is all of the commit, which releases cannot share", path));
  }
  return components;
}

/// In one step, over the link that is there.
void place_link(const fs::path& target, const fs::path& link) {
  const fs::path fresh = link.string() + ".new";
  files::remove(fresh);
  files::create_symlink(target, fresh);
  files::rename(fresh, link);
}

std::string id_of(const fs::path& link) {
  const std::string target = files::read_symlink(link).string();
  return target.starts_with(k_releases) ? target.substr(std::string_view(k_releases).size()) : target;
}

} // namespace

fs::path ReleaseFolders::folder(const std::string& id) const {
  return releases() / id;
}

void ReleaseFolders::make(const std::string& id, const std::vector<std::string>& paths) const {
  files::create_directories(releases());
  files::create_directories(shared());
  const fs::path draft = releases() / (id + k_draft);
  const Descriptor folder = open_folder(releases());
  git::remove_entry(folder.number(), draft.filename().string()); // of a runner that was killed, as the next
  try {
    files::copy_all(tree(), draft);
    link_shared(draft, paths);
    git::remove_entry(folder.number(), id);
    files::rename(draft, this->folder(id));
  } catch (...) {
    std::error_code ignored; // why it could not be made counts more
    fs::remove_all(draft, ignored);
    throw;
  }
}

void ReleaseFolders::link_shared(const fs::path& draft, const std::vector<std::string>& paths) const {
  for (const std::string& path : paths) {
    const auto components = components_of(path);
    const TreeEntry kept = entry_in(shared(), components);
    const TreeEntry ours = entry_in(draft, components);
    if (!is_there(kept)) {
      if (is_there(ours)) {
        require(::renameat(ours.folder.number(), ours.name.c_str(), kept.folder.number(), kept.name.c_str()) == 0,
                fmt::format("move '{}' to '{}'", path, shared().string()));
      } else if (path.ends_with('/')) {
        require(::mkdirat(kept.folder.number(), kept.name.c_str(), k_folder_mode) == 0,
                fmt::format("make '{}' in '{}'", path, shared().string()));
      } else {
        throw Error(ErrorKind::settings, fmt::format("'{0}' (shared) is neither in the commit nor in '{1}': put it "
                                                     "there, or say '{0}/' if it is a folder",
                                                     path, shared().string()));
      }
    }
    git::remove_entry(ours.folder.number(), ours.name);
    fs::path up = "../.."; // out of releases/ID
    for (std::size_t depth = 1; depth < components.size(); ++depth) {
      up /= "..";
    }
    const fs::path target = up / "shared" / join(components, "/");
    require(::symlinkat(target.c_str(), ours.folder.number(), ours.name.c_str()) == 0,
            fmt::format("link '{}' to '{}'", path, shared().string()));
  }
}

std::string ReleaseFolders::current() const {
  return id_of(current_link());
}

void ReleaseFolders::switch_to(const std::string& id) const {
  place_link(k_releases + id, current_link());
}

void ReleaseFolders::note_previous() const {
  const fs::path target = files::read_symlink(current_link());
  place_link(target.empty() ? k_nowhere : target, previous_link());
}

std::optional<std::string> ReleaseFolders::previous() const {
  if (!files::is_link(previous_link())) {
    return std::nullopt;
  }
  const std::string id = id_of(previous_link());
  return id == k_nowhere ? "" : id;
}

void ReleaseFolders::switch_back() const {
  const auto id = previous();
  if (id && id->empty()) {
    files::remove(current_link());
  } else if (id) {
    place_link(files::read_symlink(previous_link()), current_link());
  }
}

void ReleaseFolders::forget_previous() const {
  files::remove(previous_link());
}

void ReleaseFolders::keep_only(const std::set<std::string>& ids) const {
  std::set<std::string> kept = ids;
  kept.insert(current());
  kept.insert(previous().value_or(""));
  std::optional<Error> fault;
  for (const std::string& name : files::names_in(releases())) {
    if (kept.contains(name)) {
      continue;
    }
    try {
      const Descriptor folder = open_folder(releases());
      git::remove_entry(folder.number(), name);
    } catch (const Error& error) {
      fault = Error(error.kind(), fmt::format("cannot remove '{}': {}", (releases() / name).string(), error.message()));
    }
  }
  if (fault) {
    throw Error(*fault);
  }
}

} // namespace teal
