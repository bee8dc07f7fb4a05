#include "upkeep/app_lock.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::chrono::seconds k_patience_for_stopping(60);

} // namespace

FileLock acquire_app_lock(const AppFolder& folder, const Queue& queue, std::string_view app) {
  const auto unfinished = queue.unfinished(app);
  const bool is_at_work =
      queue.next(app) || std::any_of(unfinished.begin(), unfinished.end(),
                                     [](const Deployment& deployment) { return !is_final(deployment.status); });
  auto lock = is_at_work ? FileLock::try_acquire(folder.lock())
                         : FileLock::acquire_any({folder.lock()}, k_patience_for_stopping);
  if (!lock) {
    throw Error(ErrorKind::busy, fmt::format("a deployment of '{}' runs; wait for it: tealhook logs {} -f", app, app));
  }
  return std::move(*lock);
}

} // namespace teal
