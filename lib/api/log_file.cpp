#include "api/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace teal::api {

std::string LogFile::read(std::uint64_t offset, std::size_t size) {
  if (!m_descriptor) {
    m_descriptor = Descriptor(::open(m_file.c_str(), O_RDONLY | O_CLOEXEC));
  }
  if (!m_descriptor) {
    return {};
  }
  std::string bytes(size, '\0');
  const ssize_t count = ::pread(m_descriptor.number(), bytes.data(), size, static_cast<off_t>(offset));
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return bytes;
}

std::uint64_t LogFile::size() const {
  struct stat status {};
  return ::stat(m_file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

} // namespace teal::api
