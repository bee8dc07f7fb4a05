/// @file
/// Files as the system calls have them, without what makes these tedious: small numbers, signals, short writes.
#pragma once

#include "core/descriptor.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace teal {

/// Throws Error(environment) "cannot `doing`: " and errno's words.
[[noreturn]] void fail_to(const std::string& doing);

/// Owns what a system call just returned, lifted above 2, so that giving it to a child as a standard stream is always a
/// real dup2. -1 is a failure as of fail_to().
[[nodiscard]] Descriptor own(int number, const std::string& doing);

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
