#include "core/file_io.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace teal {

void fail_to(const std::string& doing) {
  throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
}

Descriptor own(int number, const std::string& doing) {
  Descriptor made(number);
  if (made && number <= STDERR_FILENO) {
    made = Descriptor(::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  }
  if (!made) {
    fail_to(doing);
  }
  return made;
}

Pipe open_pipe() {
  const std::string doing = "make a pipe";
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    fail_to(doing);
  }
  return {own(ends[0], doing), own(ends[1], doing)};
}

Descriptor open_file(const std::filesystem::path& file, int flags, const std::string& doing, mode_t mode) {
  return own(::open(file.c_str(), flags | O_CLOEXEC, mode), doing);
}

ssize_t read_some(int descriptor, char* data, std::size_t size) noexcept {
  ssize_t count = -1;
  do {
    count = ::read(descriptor, data, size);
  } while (count < 0 && errno == EINTR);
  return count;
}

bool write_all(int descriptor, const char* data, std::size_t size) noexcept {
  while (size > 0) {
    const ssize_t count = ::write(descriptor, data, size);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    if (count > 0) {
      data += count;
      size -= static_cast<std::size_t>(count);
    }
  }
  return true;
}

} // namespace teal
