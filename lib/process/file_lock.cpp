#include "process/file_lock.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "process/watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace teal {

namespace {

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

Descriptor open_lock(const std::filesystem::path& file) {
  return open_file(file, O_RDWR | O_CREAT, fmt::format("open lock '{}'", file.string()));
}

bool try_lock(const Descriptor& file) {
  struct flock range = whole_file(F_WRLCK);
  if (::fcntl(file.number(), F_OFD_SETLK, &range) == 0) {
    return true;
  }
  if (errno == EAGAIN || errno == EACCES) {
    return false;
  }
  throw Error(ErrorKind::environment, fmt::format("cannot lock a file: {}", system_reason(errno)));
}

} // namespace

std::optional<FileLock> FileLock::try_acquire(const std::filesystem::path& file) {
  Descriptor descriptor = open_lock(file);
  return try_lock(descriptor) ? std::optional(FileLock(std::move(descriptor))) : std::nullopt;
}

bool FileLock::is_held(const std::filesystem::path& file) {
  const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0 && errno == ENOENT) {
    return false;
  }
  const Descriptor descriptor = own(number, fmt::format("open lock '{}'", file.string()));
  struct flock range = whole_file(F_WRLCK);
  return ::fcntl(descriptor.number(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

std::optional<FileLock> FileLock::acquire_any(const std::vector<std::filesystem::path>& files, Milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // Open as long as one waits: to open and close them for each try would wake all who wait, and they us, for ever.
  std::vector<Descriptor> opened;
  std::transform(files.begin(), files.end(), std::back_inserter(opened), open_lock);
  Watch watch(files);
  for (;;) {
    if (const auto won = std::find_if(opened.begin(), opened.end(), try_lock); won != opened.end()) {
      return FileLock(std::move(*won));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return std::nullopt;
    }
    watch.wait(deadline);
  }
}

FileLock& FileLock::operator=(FileLock&& from) noexcept {
  std::swap(m_descriptor, from.m_descriptor);
  return *this;
}

FileLock::~FileLock() {
  if (m_descriptor) {
    // Unlocked before it is closed, so that who is woken by the close finds it free.
    struct flock range = whole_file(F_UNLCK);
    ::fcntl(m_descriptor.number(), F_OFD_SETLK, &range);
  }
}

} // namespace teal
