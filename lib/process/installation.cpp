#include "process/installation.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace teal {

Installation Installation::of_this_program() {
  std::error_code fault;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", fault);
  if (fault) {
    throw Error(ErrorKind::environment, fmt::format("cannot find this program's folder: {}", fault.message()));
  }
  const auto folder = program.parent_path();
  if (folder.filename() == "bin") {
    return {folder.parent_path()};
  }
  if (folder.filename() == "tealhook" && folder.parent_path().filename() == "libexec") {
    return {folder.parent_path().parent_path()};
  }
  throw Error(ErrorKind::environment,
              fmt::format("'{}' is not where tealhook was installed: it is in neither bin nor libexec/tealhook",
                          program.string()));
}

} // namespace teal
