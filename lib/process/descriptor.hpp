/// @file
/// Descriptor: an open file descriptor with one owner. Private to this folder.
///
/// Invariant: it is close-on-exec and above 2, so that giving it to a child as a standard stream is always a real dup2.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>

namespace teal {

class Descriptor {
public:
  Descriptor() = default;
  /// Owns what a system call just returned; -1 is an Error(environment) "cannot `doing`: " and errno's words.
  Descriptor(int number, const std::string& doing);
  Descriptor(Descriptor&& from) noexcept : m_number(std::exchange(from.m_number, -1)) {}
  Descriptor& operator=(Descriptor&& from) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return m_number; }
  [[nodiscard]] int release() { return std::exchange(m_number, -1); }
  void close() noexcept;

private:
  int m_number = -1;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

[[nodiscard]] Pipe open_pipe();
/// open(2) with O_CLOEXEC; `doing` as above, its subject in quotes.
[[nodiscard]] Descriptor open_file(const std::filesystem::path& file, int flags, const std::string& doing,
                                   mode_t mode = 0644);

/// read(2) and write(2), begun again where a signal interrupted them.
ssize_t read_some(int descriptor, char* data, std::size_t size) noexcept;
/// False where it cannot all be written, with errno set.
[[nodiscard]] bool write_all(int descriptor, const char* data, std::size_t size) noexcept;

} // namespace teal
