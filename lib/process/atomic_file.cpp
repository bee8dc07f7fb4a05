#include "process/atomic_file.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "process/temporary.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace teal {

namespace {

std::string writing(const std::filesystem::path& target) {
  return fmt::format("write '{}'", target.string());
}

[[noreturn]] void fail(const std::filesystem::path& target) {
  throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", writing(target), system_reason(errno)));
}

std::string temporary_beside(const std::filesystem::path& target) {
  return temporary_name(target.parent_path(), "." + target.filename().string());
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path target, mode_t mode)
    : m_target(std::move(target)), m_temporary(temporary_beside(m_target)),
      m_descriptor(own(::mkostemp(m_temporary.data(), O_CLOEXEC), writing(m_target))) {
  if (::fchmod(m_descriptor.number(), mode) != 0) {
    const int fault = errno;
    ::unlink(m_temporary.c_str());
    errno = fault;
    fail(m_target);
  }
}

AtomicFile::~AtomicFile() {
  if (!m_temporary.empty()) {
    ::unlink(m_temporary.c_str());
  }
}

void AtomicFile::write(std::string_view data) {
  if (!write_all(m_descriptor.number(), data.data(), data.size())) {
    fail(m_target);
  }
}

void AtomicFile::commit(Sync sync) {
  if (sync != Sync::none && ::fsync(m_descriptor.number()) != 0) {
    fail(m_target);
  }
  m_descriptor.close(); // under its temporary name: who watches the target is told once, by the rename
  if (std::rename(m_temporary.c_str(), m_target.c_str()) != 0) {
    fail(m_target);
  }
  m_temporary.clear();
  if (sync != Sync::all) {
    return;
  }
  const auto folder = m_target.has_parent_path() ? m_target.parent_path() : std::filesystem::path(".");
  const Descriptor opened = open_file(folder, O_RDONLY | O_DIRECTORY, writing(m_target));
  if (::fsync(opened.number()) != 0) {
    fail(m_target);
  }
}

void write_file(const std::filesystem::path& target, std::string_view data, mode_t mode, Sync sync) {
  AtomicFile file(target, mode);
  file.write(data);
  file.commit(sync);
}

std::string read_file(const std::filesystem::path& file, std::size_t limit) {
  const std::string doing = fmt::format("read '{}'", file.string());
  const Descriptor opened = open_file(file, O_RDONLY, doing);
  std::string content;
  std::array<char, std::size_t{16} << 10U> piece{};
  for (;;) {
    const ssize_t size = read_some(opened.number(), piece.data(), piece.size());
    if (size < 0) {
      throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
    }
    if (size == 0) {
      return content;
    }
    content.append(piece.data(), static_cast<std::size_t>(size));
    if (content.size() > limit) {
      throw Error(ErrorKind::environment, fmt::format("cannot {}: it is larger than {}", doing, format_size(limit)));
    }
  }
}

} // namespace teal
