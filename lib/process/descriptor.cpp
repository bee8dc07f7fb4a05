#include "process/descriptor.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace teal {

Descriptor::Descriptor(int number, const std::string& doing) : m_number(number) {
  if (m_number >= 0 && m_number <= STDERR_FILENO) {
    const int lifted = ::fcntl(m_number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    ::close(std::exchange(m_number, lifted));
  }
  if (m_number < 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
  }
}

Descriptor& Descriptor::operator=(Descriptor&& from) noexcept {
  if (this != &from) {
    close();
    m_number = from.release();
  }
  return *this;
}

void Descriptor::close() noexcept {
  if (m_number >= 0) {
    ::close(release());
  }
}

Pipe open_pipe() {
  const std::string doing = "make a pipe";
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
  }
  return {Descriptor(ends[0], doing), Descriptor(ends[1], doing)};
}

Descriptor open_file(const std::filesystem::path& file, int flags, const std::string& doing, mode_t mode) {
  return {::open(file.c_str(), flags | O_CLOEXEC, mode), doing};
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
