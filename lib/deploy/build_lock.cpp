#include "deploy/build_lock.hpp"

#include "process/files.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_patience_for_builds = std::chrono::hours(24);

} // namespace

FileLock acquire_build_lock(const Services& services, DeploymentLog& log) {
  const std::filesystem::path folder = services.home.build_locks();
  std::vector<std::filesystem::path> files;
  for (std::int64_t i = 0; i < services.settings.limits.builds; ++i) {
    files.push_back(folder / fmt::format("build-{}.lock", i));
  }
  files::create_directories(folder);
  auto lock = FileLock::acquire_any(files, Milliseconds(0));
  if (!lock) {
    log.line(fmt::format("waiting for another app's build to end: limits.builds is {}", files.size()));
    lock = FileLock::acquire_any(files, k_patience_for_builds);
  }
  if (!lock) {
    throw Error(ErrorKind::busy, "other apps' builds have held all of limits.builds for a day");
  }
  return std::move(*lock);
}

} // namespace teal
