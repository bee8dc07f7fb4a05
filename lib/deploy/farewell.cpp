#include "deploy/farewell.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "deploy/live_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

using Retired = std::vector<engine::ContainerSummary>;

/// What the app's settings say of the way down; the defaults where they cannot be read now.
DeploySettings deploy_settings(Services& services, const std::string& app) {
  try {
    return load_app_settings(services.home, app).deploy;
  } catch (const Error&) {
    return {};
  }
}

std::string requests(std::uint64_t count) {
  return fmt::format("{} request{}", count, count == 1 ? "" : "s");
}

/// A switch that was cut short may have left the router with both: it is told anew where the containers are.
void unroute(Services& services, LiveTraffic& traffic, const std::string& app, const Retired& retired) {
  const auto routed = routed_containers(services, app);
  if (std::any_of(retired.begin(), retired.end(), [&](const auto& one) { return routed.contains(one.id); })) {
    const FileLock lock = traffic.lock();
    traffic.route(load_app_settings(services.home, app), traffic.placement());
  }
}

/// Returns how many requests were still under way in the end.
std::uint64_t drain(Services& services, Store& store, const std::string& app, const Retired& retired,
                    Milliseconds patience) {
  LiveTraffic traffic(services, store, app);
  unroute(services, traffic, app, retired);
  const Stopwatch stopwatch;
  std::uint64_t left = 0;
  for (const auto& container : retired) {
    left += traffic.drain(container.id, std::max(patience - stopwatch.elapsed(), Milliseconds(0)));
  }
  return left;
}

void end_all(Services& services, const std::string& app, const Retired& retired, Milliseconds stop_timeout) {
  const auto routed = routed_containers(services, app);
  for (const auto& container : retired) {
    if (routed.contains(container.id)) {
      throw Error(
          ErrorKind::environment,
          fmt::format("'{}' is not stopped: it still gets requests; see: tealhook router status", container.name));
    }
    services.docker.end(container.id, stop_timeout);
  }
}

/// A step of the deployment, stored before and after.
template <class Work>
void step(Store& store, DeploymentLog& log, std::int64_t deployment, StepName name, Work&& work) {
  Step done{.name = name, .status = StepStatus::failed};
  store.queue.begin_step(deployment, name);
  const Stopwatch stopwatch;
  try {
    done.fact = work();
    done.status = StepStatus::done;
  } catch (const Error& error) {
    log.line(fmt::format("warning: {}", error.what()));
  }
  done.duration = stopwatch.elapsed();
  log.step(done);
  store.queue.end_step(deployment, name, done.status, done.duration, done.fact);
}

} // namespace

void take_leave(Services& services, Store& store, DeploymentLog& log, const Leave& leave) {
  const std::string& app = leave.slot.app;
  const DeploySettings settings = deploy_settings(services, app);
  const Retired retired = services.docker.retired(leave.slot);
  if (services.router) {
    step(store, log, leave.deployment, StepName::drain, [&]() -> std::string {
      if (retired.empty()) {
        return "";
      }
      const std::uint64_t left = drain(services, store, app, retired, settings.drain);
      return left == 0 ? "all requests to the old container have ended"
                       : fmt::format("{} to the old container still ran after {}", requests(left),
                                     format_duration(settings.drain));
    });
  }
  if (retired.empty() && settings.order == DeploySettings::Order::stop_first) {
    return; // it went before the new one came
  }
  step(store, log, leave.deployment, StepName::retire, [&]() -> std::string {
    services.docker.finish_start(leave.slot);
    end_all(services, app, retired, settings.stop_timeout);
    if (leave.left) {
      return fmt::format("{} is stopped (deploy.keep_idle: false)", to_string(*leave.left));
    }
    return retired.empty() ? "nothing ran before" : "the old container is gone";
  });
}

bool end_retired(Services& services, Store& store, const Slot& any) {
  const Retired retired = services.docker.retired(any);
  if (retired.empty()) {
    return false;
  }
  const DeploySettings settings = deploy_settings(services, any.app);
  if (services.router && services.router->is_running()) {
    drain(services, store, any.app, retired, settings.drain);
  }
  end_all(services, any.app, retired, settings.stop_timeout);
  return true;
}

Farewell::Farewell(const Home& home, const Environment& environment, Leave leave)
    : m_thread([this, home, environment, leave = std::move(leave)] {
        say(home, environment, leave);
        m_is_over = true;
      }) {}

void Farewell::say(const Home& home, const Environment& environment, const Leave& leave) try {
  DeploymentLog log(home.app(leave.slot.app).log(leave.deployment));
  try {
    const SystemClock clock;
    Services services(home, environment);
    Store store(home.store(), clock);
    take_leave(services, store, log, leave);
  } catch (const std::exception& error) {
    log.line(fmt::format("warning: {}", error.what()));
  }
} catch (const std::exception&) { // there is no log to say it in
}

} // namespace teal
