#include "request/runner_start.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "process/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>

namespace teal {

namespace {

/// Nothing where it cannot be written, as on a full disk: a runner works without.
std::filesystem::path writable_or_none(const std::filesystem::path& log) {
  try {
    const Descriptor opened = open_file(log, O_WRONLY | O_APPEND | O_CREAT, "write the runner's log");
    return log;
  } catch (const Error&) {
    return {};
  }
}

} // namespace

ProcessId start_runner(const Home& home, std::string_view app, const Environment& environment,
                       const Installation& installation) {
  return while_doing(fmt::format("starting the runner of '{}'; what is queued waits for the next one", app), [&] {
    return start_detached(
        {.arguments = {installation.tool().string(), "--home", home.root.string(), "runner", std::string(app)},
         .directory = home.root,
         .environment = environment},
        writable_or_none(home.app(app).runner_log()));
  });
}

bool has_runner(const AppFolder& app) {
  return FileLock::is_held(app.lock()) || FileLock::is_held(app.waiting_lock());
}

std::vector<std::string> start_runners(const Home& home, const Queue& queue, const Environment& environment,
                                       const Installation& installation) {
  auto apps = queue.apps_with_work();
  std::erase_if(apps, [&](const std::string& app) { return FileLock::is_held(home.app(app).waiting_lock()); });
  for (const std::string& app : apps) {
    start_runner(home, app, environment, installation);
  }
  return apps;
}

} // namespace teal
