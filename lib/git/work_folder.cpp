#include "git/work_folder.hpp"

#include "git/system_call.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace teal::git {

namespace {

constexpr mode_t k_folder_mode = 0755;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using DirectoryHandle = std::unique_ptr<DIR, CloseDirectory>;

int open_folder(int parent, const char* name) {
  return ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// Gives the owner back the right to list and change a folder: builds leave read-only ones behind.
void make_accessible(int parent, const std::string& name) {
  const Descriptor found(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  // fchmod refuses a descriptor opened with O_PATH, and only such a one can be had without the right to read.
  const auto by_descriptor = fmt::format("/proc/self/fd/{}", found.number());
  if (!found || ::chmod(by_descriptor.c_str(), k_folder_mode) != 0) {
    throw_errno("cannot open the folder", name);
  }
}

bool lacks_rights_of_owner(int folder) {
  struct stat status {};
  return ::fstat(folder, &status) == 0 && (status.st_mode & S_IRWXU) != S_IRWXU;
}

/// The folder, with the rights to change it; no descriptor if there is nothing, or no folder, of that name (see errno).
Descriptor try_open_folder(int parent, const std::string& name) {
  Descriptor folder(open_folder(parent, name.c_str()));
  if (folder ? lacks_rights_of_owner(folder.number()) : errno == EACCES) {
    make_accessible(parent, name);
    folder = Descriptor(open_folder(parent, name.c_str()));
  }
  return folder;
}

std::size_t remove_folder(int parent, const std::string& name) {
  std::size_t removed = 0;
  if (const auto folder = try_open_folder(parent, name)) {
    for (const auto& entry : names_in(folder.number())) {
      removed += remove_entry(folder.number(), entry);
    }
  } else {
    throw_errno("cannot open the folder", name);
  }
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) {
    throw_errno("cannot remove the folder", name);
  }
  return removed + 1;
}

} // namespace

MadeFolder make_folder(int parent, const std::string& name) {
  MadeFolder result;
  constexpr int k_attempts = 100; // others at work on the same tree may come between two calls, but not for ever
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    result.folder = try_open_folder(parent, name);
    if (result.folder) {
      return result;
    }
    if (errno == ENOENT) {
      if (::mkdirat(parent, name.c_str(), k_folder_mode) != 0 && errno != EEXIST) {
        throw_errno("cannot make the folder", name);
      }
    } else if (errno == ENOTDIR || errno == ELOOP) {
      if (::unlinkat(parent, name.c_str(), 0) == 0) {
        ++result.removed;
      } else if (errno != ENOENT && errno != EISDIR) {
        throw_errno("cannot remove", name);
      }
    } else {
      break;
    }
  }
  throw_errno("cannot open the folder", name);
}

std::vector<std::string> names_in(int folder) {
  const int again = open_folder(folder, "."); // a descriptor of its own, for its own place in the list
  const DirectoryHandle directory(again < 0 ? nullptr : ::fdopendir(again));
  if (!directory) {
    throw_errno("cannot list the folder", ".");
  }
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(directory.get());) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  if (errno != 0) {
    throw_errno("cannot list the folder", ".");
  }
  return names;
}

std::size_t remove_entry(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0) {
    return 1;
  }
  if (errno == ENOENT) {
    return 0;
  }
  if (errno != EISDIR && errno != EPERM) { // Linux says the one of a folder, POSIX the other
    throw_errno("cannot remove", name);
  }
  return remove_folder(parent, name);
}

} // namespace teal::git
