#include "git/system_call.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace teal::git {

namespace {

[[noreturn]] void throw_cause(std::string_view doing, std::string_view name, const std::error_code& cause) {
  throw Error(ErrorKind::environment, fmt::format("{} '{}': {}", doing, printable(name), cause.message()));
}

} // namespace

void throw_errno(std::string_view doing, std::string_view name) {
  throw_cause(doing, name, {errno, std::generic_category()});
}

void write_all(int file, std::string_view name, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(file, content.data(), content.size());
    if (written < 0 && errno != EINTR) {
      throw_errno("cannot write", name);
    }
    content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

void make_folders(const std::filesystem::path& path) {
  std::error_code cause;
  std::filesystem::create_directories(path, cause);
  if (cause) {
    throw_cause("cannot make the folder", path.native(), cause);
  }
}

} // namespace teal::git
