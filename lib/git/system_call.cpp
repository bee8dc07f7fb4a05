#include "git/system_call.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace teal::git {

void throw_errno(std::string_view doing, std::string_view name) {
  throw Error(ErrorKind::environment, fmt::format("{} '{}': {}", doing, printable(name), system_reason(errno)));
}

void write_all(int file, std::string_view name, std::string_view content) {
  if (!teal::write_all(file, content.data(), content.size())) {
    throw_errno("cannot write", name);
  }
}

} // namespace teal::git
