#include "git/system_call.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace teal::git {

namespace {

[[noreturn]] void throw_cause(std::string_view doing, std::string_view name, int error_number) {
  throw Error(ErrorKind::environment, fmt::format("{} '{}': {}", doing, printable(name), system_reason(error_number)));
}

} // namespace

void throw_errno(std::string_view doing, std::string_view name) {
  throw_cause(doing, name, errno);
}

void write_all(int file, std::string_view name, std::string_view content) {
  if (!teal::write_all(file, content.data(), content.size())) {
    throw_errno("cannot write", name);
  }
}

void make_folders(const std::filesystem::path& path) {
  std::error_code cause;
  std::filesystem::create_directories(path, cause);
  if (cause) {
    throw_cause("cannot make the folder", path.native(), cause.value());
  }
}

} // namespace teal::git
