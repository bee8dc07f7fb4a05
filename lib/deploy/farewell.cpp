#include "deploy/farewell.hpp"

#include "core/text.hpp"
#include "deploy/step_record.hpp"
#include "traffic/retirement.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

std::string requests(std::uint64_t count) {
  return fmt::format("{} request{}", count, count == 1 ? "" : "s");
}

std::string the_old(const Retired& retired) {
  return retired.size() == 1 ? "the old container" : fmt::format("the {} old containers", retired.size());
}

/// What goes wrong with it hinders nothing that comes after.
void step(Store& store, DeploymentLog& log, std::int64_t deployment, StepName name,
          const std::function<std::string()>& work) {
  try {
    record_step(store, log, deployment, name, work);
  } catch (const Error& error) {
    log.line(fmt::format("warning: {}", error.what()));
  }
}

} // namespace

void take_leave(Services& services, Store& store, DeploymentLog& log, const Leave& leave) {
  const std::string& app = leave.slot.app;
  const DeploySettings settings = way_down_of(services, app);
  const Retired retired = services.target(app).retired(leave.slot);
  if (services.router) {
    step(store, log, leave.deployment, StepName::drain, [&]() -> std::string {
      if (retired.empty()) {
        return "";
      }
      const std::uint64_t left = drain_retired(services, store, app, retired, settings.drain);
      return left == 0 ? fmt::format("all requests to {} have ended", the_old(retired))
                       : fmt::format("{} to {} still ran after {}", requests(left), the_old(retired),
                                     format_duration(settings.drain));
    });
  }
  if (retired.empty() && settings.order == DeploySettings::Order::stop_first) {
    return; // it went before the new one came
  }
  step(store, log, leave.deployment, StepName::retire, [&]() -> std::string {
    services.target(app).tidy(leave.slot);
    end_retired(services, app, retired, settings.stop_timeout);
    if (leave.left) {
      return fmt::format("{} is stopped (deploy.keep_idle: false)", to_string(*leave.left));
    }
    return retired.empty() ? "nothing was replaced"
                           : fmt::format("{} {} gone", the_old(retired), retired.size() == 1 ? "is" : "are");
  });
}

Farewell::Farewell(const Home& home, const Environment& environment, const Kinds& kinds, Leave leave)
    : m_thread([this, home, environment, kinds, leave = std::move(leave)] {
        say(home, environment, kinds, leave);
        m_is_over = true;
      }) {}

void Farewell::say(const Home& home, const Environment& environment, const Kinds& kinds, const Leave& leave) try {
  DeploymentLog log(home.app(leave.slot.app).log(leave.deployment));
  try {
    const SystemClock clock;
    Services services(home, environment, kinds);
    Store store(home.store(), clock);
    take_leave(services, store, log, leave);
  } catch (const std::exception& error) {
    log.line(fmt::format("warning: {}", error.what()));
  }
} catch (const std::exception&) { // there is no log to say it in
}

} // namespace teal
