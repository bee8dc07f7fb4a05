#include "git/work_file.hpp"

#include "core/descriptor.hpp"
#include "git/system_call.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace teal::git {

namespace {

FileStat stat_of(const struct stat& status) {
  return {.modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim),
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mode = status.st_mode};
}

mode_t mode_for(FileKind kind) {
  return kind == FileKind::executable ? 0755 : 0644;
}

bool link_leads_to(int folder, const std::string& name, std::string_view target) {
  std::array<char, PATH_MAX> found{};
  const auto length = ::readlinkat(folder, name.c_str(), found.data(), found.size());
  return length >= 0 && target == std::string_view(found.data(), static_cast<std::size_t>(length));
}

bool file_holds(int folder, const std::string& name, std::string_view content) {
  // Without O_NONBLOCK, a pipe put there since would be waited for.
  const Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, std::size_t{32} << 10U> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): read into
  while (file) {
    const auto length = ::read(file.number(), chunk.data(), chunk.size());
    if (length == 0) {
      return content.empty();
    }
    const auto size = static_cast<std::size_t>(length);
    if (length < 0 || content.substr(0, size) != std::string_view(chunk.data(), size)) {
      return false;
    }
    content.remove_prefix(size);
  }
  return false;
}

FileStat make_link(int folder, const std::string& name, std::string_view target) {
  if (::symlinkat(std::string(target).c_str(), folder, name.c_str()) != 0) {
    throw_errno("cannot make the symlink", name);
  }
  const auto stat = look_at(folder, name);
  if (!stat) {
    throw_errno("cannot look at the symlink", name);
  }
  return *stat;
}

} // namespace

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::optional<FileStat> look_at(int folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return stat_of(status);
  }
  if (errno != ENOENT) {
    throw_errno("cannot look at", name);
  }
  return std::nullopt;
}

FileStat look_at(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    throw_errno("cannot look at descriptor", std::to_string(descriptor));
  }
  return stat_of(status);
}

bool is_folder(const FileStat& stat) {
  return S_ISDIR(stat.mode);
}

bool is_as_wanted(int folder, const TreeFile& file, const FileStat& stat, std::string_view content, mode_t umask) {
  if (stat.size != content.size()) {
    return false;
  }
  if (file.kind == FileKind::symlink) {
    return S_ISLNK(stat.mode) && link_leads_to(folder, file.name, content);
  }
  constexpr mode_t k_permissions = 07777;
  return S_ISREG(stat.mode) && (stat.mode & k_permissions) == (mode_for(file.kind) & ~umask) &&
         file_holds(folder, file.name, content);
}

FileStat make_file(int folder, const TreeFile& file, std::string_view content) {
  if (file.kind == FileKind::symlink) {
    return make_link(folder, file.name, content);
  }
  constexpr int k_new_file = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor made(::openat(folder, file.name.c_str(), k_new_file, mode_for(file.kind)));
  if (!made) {
    throw_errno("cannot make", file.name);
  }
  write_all(made.number(), file.name, content);
  return look_at(made.number());
}

} // namespace teal::git
