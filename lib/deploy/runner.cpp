#include "deploy/runner.hpp"

#include "deploy/deployment_log.hpp"
#include "deploy/pipeline.hpp"
#include "deploy/recovery.hpp"
#include "process/file_lock.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_patience_for_builds = std::chrono::hours(24);
constexpr int k_most_attempts = 2; ///< a deployment that brings its runner down twice is not tried a third time

FileLock acquire_build_lock(const Services& services) {
  std::vector<std::filesystem::path> files;
  for (std::int64_t i = 0; i < services.settings.limits.builds; ++i) {
    files.push_back(services.home.build_locks() / fmt::format("build-{}.lock", i));
  }
  std::filesystem::create_directories(services.home.build_locks());
  if (auto lock = FileLock::acquire_any(files, k_patience_for_builds)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, "other apps' deployments have held all of limits.builds for a day");
}

} // namespace

Runner::Runner(Home home, Environment environment, Store& store)
    : m_home(std::move(home)), m_environment(std::move(environment)), m_store(store) {}

void Runner::drain(std::string_view app) {
  do {
    const auto lock = FileLock::try_acquire(m_home.app(app).lock());
    if (!lock) {
      return;
    }
    work_queue(app);
  } while (m_store.queue.next(app)); // queued between the last look and the lock's release
}

void Runner::work_queue(std::string_view app) {
  try {
    Services services(m_home, m_environment);
    recover_unfinished(services, app);
    while (const auto deployment = m_store.queue.next(app)) {
      const FileLock lock = acquire_build_lock(services);
      if (m_store.queue.begin(deployment->id)) {
        deploy(services, *deployment);
      }
    }
  } catch (const Error& error) {
    fail_queued(app, error);
  }
}

void Runner::recover_unfinished(Services& services, std::string_view app) {
  for (const Deployment& deployment : m_store.queue.unfinished(app)) {
    DeploymentLog log(m_home.app(app).log(deployment.id));
    const auto end = [&](Status status, std::string_view outcome, std::string_view word) {
      log.line(
          fmt::format("{}: {}; {}", word, outcome, describe_running(services, services.slot(app, deployment.color))));
      m_store.queue.finish(deployment.id, status, {.text = std::string(outcome)});
    };
    if (recover(services, deployment) == Unfinished::succeeded) {
      end(Status::ready, "its container serves; only the runner was killed before it could say so", "ready");
    } else if (m_store.queue.is_superseded(deployment)) {
      end(Status::superseded, "its runner was killed, and a newer event waits", "superseded");
    } else if (deployment.attempts < k_most_attempts) {
      log.line("the runner was killed; what it had begun is undone, and the deployment starts again");
      m_store.queue.begin_again(deployment.id);
      const FileLock lock = acquire_build_lock(services);
      deploy(services, deployment);
    } else {
      end(Status::failed, fmt::format("its runner was killed {} times", deployment.attempts), "FAILED");
    }
  }
}

void Runner::deploy(Services& services, const Deployment& deployment) {
  DeploymentLog log(m_home.app(deployment.event.app).log(deployment.id));
  Pipeline(services, m_store.queue, m_store.history, log, deployment).run();
}

void Runner::fail_queued(std::string_view app, const Error& reason) {
  while (const auto deployment = m_store.queue.next(app)) {
    DeploymentLog log(m_home.app(app).log(deployment->id));
    log.header(*deployment);
    log.line(fmt::format("error: {}", reason.what()));
    log.line("FAILED   nothing was touched: what ran before still runs");
    m_store.queue.finish(deployment->id, Status::failed, {.text = reason.message()});
  }
}

ProcessId start_runner(const Home& home, std::string_view app, const Environment& environment,
                       const Installation& installation) {
  return start_detached(
      {.arguments = {installation.tool().string(), "--home", home.root.string(), "runner", std::string(app)},
       .directory = home.root,
       .environment = environment},
      home.app(app).logs() / "runner.log");
}

} // namespace teal
