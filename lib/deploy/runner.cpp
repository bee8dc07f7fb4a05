#include "deploy/runner.hpp"

#include "config/load.hpp"
#include "deploy/address.hpp"
#include "deploy/build.hpp"
#include "deploy/live_traffic.hpp"
#include "deploy/pipeline.hpp"
#include "deploy/recovery.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr int k_most_attempts = 2; ///< a deployment that brings its runner down twice is not tried a third time

} // namespace

Runner::Runner(Home home, Environment environment, Store& store)
    : m_home(std::move(home)), m_environment(std::move(environment)), m_store(store) {}

void Runner::drain(std::string_view app) {
  std::optional<Error> fault;
  do {
    const auto lock = FileLock::try_acquire(m_home.app(app).lock());
    if (!lock) {
      break;
    }
    try {
      work_queue(app);
    } catch (const Error& error) {
      fault = error;
      fail_queued(app, error);
    } catch (const std::exception& error) {
      fault = Error(ErrorKind::internal, error.what());
      fail_queued(app, *fault);
    }
  } while (m_store.queue.next(app)); // queued between the last look and the lock's release
  if (fault) {
    throw Error(*fault);
  }
}

void Runner::work_queue(std::string_view app) {
  Services services(m_home, m_environment);
  recover_unfinished(services, app);
  while (const auto deployment = m_store.queue.next(app)) {
    DeploymentLog log = log_of(*deployment);
    const FileLock lock = acquire_build_lock(services, log);
    Deployment begun = *deployment;
    if (begun.to_idle) {
      begun.color = LiveTraffic(services, m_store, begun.event.app).idle();
      m_store.queue.set_color(begun.id, begun.color);
    }
    if (m_store.queue.begin(begun.id)) {
      deploy(services, begun, log);
    }
  }
}

void Runner::recover_unfinished(Services& services, std::string_view app) {
  for (const Deployment& deployment : m_store.queue.unfinished(app)) {
    if (is_final(deployment.status)) {
      settle(services, services.slot(app, deployment.color));
      m_store.queue.end_step(deployment.id, StepName::retire, StepStatus::done, Milliseconds(0),
                             "by the next runner: the first one was killed");
    } else {
      make_an_end(services, deployment);
    }
  }
}

void Runner::make_an_end(Services& services, const Deployment& deployment) {
  DeploymentLog log = log_of(deployment);
  const Slot slot = services.slot(deployment.event.app, deployment.color);
  const Unfinished found = recover(services, m_store, deployment);
  if (found != Unfinished::undone) {
    const Status status = found == Unfinished::live ? Status::live : Status::ready;
    const AppSettings settings = load_app_settings(m_home, slot.app);
    const std::string address = status == Status::live ? live_address(services.settings.router, settings)
                                                       : public_address(settings, slot.color);
    log.line(fmt::format("{}   {}   its runner was killed before it could say so", to_string(status), address));
    m_store.queue.finish(deployment.id, status, {.text = address});
  } else if (m_store.queue.is_superseded(deployment)) {
    log.line("the runner was killed; what it had begun is undone");
    m_store.queue.finish(deployment.id, Status::superseded, {.text = "superseded by a newer event, its runner killed"});
  } else if (deployment.attempts < k_most_attempts) {
    log.line("the runner was killed; what it had begun is undone, and the deployment starts again");
    m_store.queue.begin_again(deployment.id);
    const FileLock lock = acquire_build_lock(services, log);
    deploy(services, deployment, log);
  } else {
    const std::string reason = fmt::format("its runner was killed {} times", deployment.attempts);
    log.line(fmt::format("FAILED   {}; {}   log: tealhook logs {}", reason, describe_running(services, slot),
                         deployment.id));
    m_store.queue.finish(deployment.id, Status::failed, {.text = reason});
  }
}

void Runner::deploy(Services& services, const Deployment& deployment, DeploymentLog& log) {
  Pipeline(services, m_store, log, deployment).run();
}

void Runner::fail_queued(std::string_view app, const Error& reason) {
  while (const auto deployment = m_store.queue.next(app)) {
    DeploymentLog log = log_of(*deployment);
    log.header(*deployment);
    log.line(fmt::format("error: {}", reason.what()));
    log.line(fmt::format("FAILED   nothing was touched: what ran before still runs   log: tealhook logs {}",
                         deployment->id));
    m_store.queue.finish(deployment->id, Status::failed, {.text = reason.message()});
  }
}

DeploymentLog Runner::log_of(const Deployment& deployment) const {
  return DeploymentLog(m_home.app(deployment.event.app).log(deployment.id));
}

ProcessId start_runner(const Home& home, std::string_view app, const Environment& environment,
                       const Installation& installation) {
  return while_doing(fmt::format("starting the runner of '{}'; what is queued waits for the next one", app), [&] {
    return start_detached(
        {.arguments = {installation.tool().string(), "--home", home.root.string(), "runner", std::string(app)},
         .directory = home.root,
         .environment = environment},
        home.app(app).runner_log());
  });
}

} // namespace teal
