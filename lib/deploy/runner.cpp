#include "deploy/runner.hpp"

#include "config/load.hpp"
#include "deploy/build_lock.hpp"
#include "deploy/delivery.hpp"
#include "deploy/pipeline.hpp"
#include "deploy/recovery.hpp"
#include "deploy/retry.hpp"
#include "deploy/scale.hpp"
#include "process/watch.hpp"
#include "request/cancel_mark.hpp"
#include "request/forgetting.hpp"
#include "target/address.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/settle.hpp"
#include "upkeep/retention.hpp"

#include <fmt/format.h>

#include <thread>

namespace teal {

namespace {

constexpr Milliseconds k_pause{20}; ///< between looks at the queue while something takes its leave
constexpr int k_most_attempts = 2;  ///< a deployment that brings its runner down twice is not tried a third time

/// Only what builds needs one.
std::optional<FileLock> acquire_lock_to_build(Services& services, const Deployment& deployment, DeploymentLog& log) {
  const bool builds =
      !deployment.from_release && !deployment.destination.is_target() && deployment.event.artifact.empty();
  return builds ? std::optional(acquire_build_lock(services, log)) : std::nullopt;
}

/// A release that cannot be removed now is the next runner's to remove.
void keep_few_releases(Services& services, Store& store, std::string_view app) try {
  remove_old_releases(services, store, app);
} catch (const Error&) {
}

} // namespace

/// Services by the home's settings as they are now, made anew where these have changed: a deployment that waited runs
/// with those of when it begins.
class CurrentServices {
public:
  CurrentServices(const Home& home, const Environment& environment, const Kinds& kinds)
      : m_home(home), m_environment(environment), m_kinds(kinds) {}

  Services& get() {
    std::string text = load_server_text(m_home).text;
    if (!m_services || text != m_text) {
      m_services.emplace(m_home, m_environment, m_kinds);
      m_text = std::move(text);
    }
    return *m_services;
  }

private:
  const Home& m_home;
  const Environment& m_environment;
  const Kinds& m_kinds;
  std::optional<Services> m_services;
  std::string m_text;
};

Runner::Runner(Home home, Environment environment, Store& store, Kinds kinds)
    : m_home(std::move(home)), m_environment(std::move(environment)), m_store(store), m_kinds(std::move(kinds)) {}

void Runner::drain(std::string_view app) {
  std::optional<Error> fault;
  while (work_off(app, fault)) {
    forget_old(app);
    if (!await_due(app)) {
      break;
    }
    fault.reset(); // what it hindered is tried again
  }
  if (fault) {
    throw Error(*fault);
  }
}

bool Runner::work_off(std::string_view app, std::optional<Error>& fault) {
  do {
    const auto lock = FileLock::try_acquire(m_home.app(app).lock());
    if (!lock) {
      return false;
    }
    try {
      work_queue(*lock, app);
    } catch (const Error& error) {
      fault = error;
      fail_queued(app, error);
    } catch (const std::exception& error) {
      fault = Error(ErrorKind::internal, error.what());
      fail_queued(app, *fault);
    }
    m_farewells.clear();             // each ends before it goes, and the lock after all
  } while (m_store.queue.next(app)); // queued between the last look and the lock's release
  return true;
}

/// One runner waits for all. Who asks for more looks for that one after the queue has it, and that one looks at the
/// queue after it has let go of its lock: one of them sees the other.
bool Runner::await_due(std::string_view app) {
  const auto left = [&] { return m_store.queue.until_next(app); };
  if (!left()) {
    return false;
  }
  {
    const auto lock = FileLock::try_acquire(m_home.app(app).waiting_lock());
    if (!lock) {
      return false;
    }
    Watch watch({m_store.database.change_file()});
    for (auto wait = left(); wait && wait->count() > 0; wait = left()) {
      watch.wait(std::chrono::steady_clock::now() + *wait);
    }
  }
  return left().has_value();
}

void Runner::forget_old(std::string_view app) try {
  forget_old_events(m_home, m_store, app);
} catch (const Error&) { // the next one does
}

/// What a deployment replaced takes its leave while the next one begins.
void Runner::work_queue(const FileLock& lock, std::string_view app) {
  CurrentServices current(m_home, m_environment, m_kinds);
  recover_unfinished(lock, current, app);
  LiveTraffic(current.get(), m_store, std::string(app)).end_abandoned_shift("tealhook");
  do {
    while (deploy_next(lock, current, app)) {
    }
    m_farewells.remove_if([](const Farewell& farewell) { return farewell.is_over(); });
    if (!m_farewells.empty()) {
      std::this_thread::sleep_for(k_pause);
    }
  } while (!m_farewells.empty());
  keep_few_releases(current.get(), m_store, app);
}

bool Runner::deploy_next(const FileLock& lock, CurrentServices& current, std::string_view app) {
  const auto deployment = m_store.queue.next(app);
  if (!deployment) {
    return false;
  }
  DeploymentLog log = log_of(*deployment);
  auto build_lock = acquire_lock_to_build(current.get(), *deployment, log);
  Services& services = current.get();
  Deployment begun = *deployment;
  begun.color = begun.destination.color();
  if (begun.destination.takes_idle_color()) {
    begun.color = LiveTraffic(services, m_store, begun.event.app).idle();
  }
  if (m_store.queue.begin(begun.id, begun.color)) {
    deploy(lock, services, begun, log, std::move(build_lock));
  }
  return true;
}

void Runner::recover_unfinished(const FileLock& lock, CurrentServices& current, std::string_view app) {
  Services& services = current.get();
  for (const Deployment& deployment : m_store.queue.unfinished(app)) {
    if (!is_final(deployment.status)) {
      make_an_end(lock, current, deployment);
    } else if (!deployment.color) {
      m_store.queue.close_steps(deployment.id);
    } else {
      const Slot slot = services.slot(app, deployment.color.value());
      settle(lock, services, slot);
      m_store.queue.close_steps(deployment.id);
      take_leave({.slot = slot, .deployment = deployment.id, .left = {}});
    }
  }
}

void Runner::take_leave(const Leave& leave) {
  m_farewells.emplace_back(m_home, m_environment, m_kinds, leave);
}

void Runner::make_an_end(const FileLock& lock, CurrentServices& current, const Deployment& deployment) {
  Services& services = current.get();
  DeploymentLog log = log_of(deployment);
  const CancelMark cancel_mark(m_home.app(deployment.event.app), deployment.id);
  const auto still_runs = [&] { return describe_running(services, m_store, deployment); };
  if (end_well(lock, services, deployment, log)) {
    // its outcome is stored
  } else if (const auto who = cancel_mark.who()) {
    log.line(fmt::format("CANCELLED   by {}; {}   log: tealhook logs {}", *who, still_runs(), deployment.id));
    m_store.queue.finish(deployment.id, Status::cancelled, {.text = cancelled_by(*who)});
  } else if (m_store.queue.is_superseded(deployment)) {
    log.line("the runner was killed; what it had begun is undone");
    m_store.queue.finish(deployment.id, Status::superseded, {.text = "superseded by a newer event, its runner killed"});
  } else if (deployment.attempts < k_most_attempts) {
    log.line("the runner was killed; what it had begun is undone, and the deployment starts again");
    cancel_mark.remove(); // of a taking over that is undone
    m_store.queue.begin_again(deployment.id);
    auto build_lock = acquire_lock_to_build(services, deployment, log);
    deploy(lock, current.get(), deployment, log, std::move(build_lock));
  } else {
    const std::string reason = fmt::format("its runner was killed {} times", deployment.attempts);
    log.line(fmt::format("FAILED   {}; {}   log: tealhook logs {}   again: {}", reason, still_runs(), deployment.id,
                         command_to_repeat(deployment)));
    m_store.queue.finish(deployment.id, Status::failed, {.text = reason});
  }
  cancel_mark.remove();
}

bool Runner::end_well(const FileLock& lock, Services& services, const Deployment& deployment, DeploymentLog& log) {
  Status status = Status::live;
  std::string address;
  if (!deployment.color) {
    if (!Delivery(lock, services, m_store, log, deployment).recover()) {
      return false;
    }
    address = services.plain_target(deployment.event.app, deployment.destination.text())->address();
  } else {
    const Unfinished found = recover(lock, services, m_store, deployment);
    if (found == Unfinished::undone) {
      return false;
    }
    status = found == Unfinished::live ? Status::live : Status::ready;
    const AppSettings settings = load_app_settings(m_home, deployment.event.app);
    address = status == Status::live ? live_address(services.settings.router, settings)
                                     : public_address(settings, *deployment.color, services.published_host());
  }
  log.line(fmt::format("{}   {}   its runner was killed before it could say so", to_string(status), address));
  if (deployment.replicas > 0) {
    if (const std::string fault = keep_replicas(m_home, m_store, deployment); !fault.empty()) {
      log.line("warning: " + fault);
    }
  }
  m_store.queue.finish(deployment.id, status, {.text = address});
  if (deployment.color) {
    take_leave(
        {.slot = services.slot(deployment.event.app, *deployment.color), .deployment = deployment.id, .left = {}});
  }
  return true;
}

void Runner::deploy(const FileLock& lock, Services& services, const Deployment& deployment, DeploymentLog& log,
                    std::optional<FileLock> build_lock) {
  if (deployment.destination.is_target()) {
    Delivery(lock, services, m_store, log, deployment).run();
    return;
  }
  Pipeline pipeline(lock, services, m_store, log, deployment, std::move(build_lock));
  if (is_success(pipeline.run())) {
    take_leave({.slot = services.slot(deployment.event.app, deployment.color.value()),
                .deployment = deployment.id,
                .left = pipeline.left()});
  }
}

void Runner::fail_queued(std::string_view app, const Error& reason) {
  while (const auto deployment = m_store.queue.next(app)) {
    DeploymentLog log = log_of(*deployment);
    log.header(*deployment);
    log.line(fmt::format("error: {}", reason.what()));
    log.line(fmt::format("FAILED   nothing was touched: what ran before still runs   log: tealhook logs {}   again: {}",
                         deployment->id, command_to_repeat(*deployment)));
    if (const auto pause = may_pass(reason) ? pause_before_retry(m_home, *deployment) : std::nullopt) {
      m_store.queue.fail_for_now(deployment->id, {.text = reason.message()}, *pause);
    } else {
      m_store.queue.finish(deployment->id, Status::failed, {.text = reason.message()});
    }
  }
}

DeploymentLog Runner::log_of(const Deployment& deployment) const {
  return DeploymentLog(m_home.app(deployment.event.app).log(deployment.id));
}

} // namespace teal
