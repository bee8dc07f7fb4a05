#include "deploy/restore.hpp"

#include "config/load.hpp"
#include "deploy/certificate.hpp"
#include "deploy/live_traffic.hpp"
#include "deploy/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal {

namespace {

constexpr const char* k_who = "tealhook recover";

void restore_slot(Services& services, const Slot& slot, const Tell& tell) {
  const SlotContainers before = services.docker.find(slot);
  const SlotContainers after = settle(services, slot);
  if (before.next || before.retired) {
    tell(fmt::format("{}: what a killed runner left is cleared away", slot.current_name()));
  }
  if (after.current && !after.current->running) {
    tell(fmt::format("{}: does not run ({}); see why: docker logs {}", slot.current_name(), after.current->status,
                     slot.current_name()));
  }
}

void restore_routes(Services& services, LiveTraffic& traffic, const std::string& app, const Tell& tell) {
  const FileLock lock = traffic.lock();
  const Placement placement = traffic.placement();
  const AppSettings settings = load_app_settings(services.home, app);
  const auto tls = tls_for(settings.route, services.settings.router.kind);
  const auto wanted = routes_for(app, settings, tls, placement);
  if (route::routes_of(services.router->table(), app) != wanted) {
    services.router->replace(app, wanted);
    tell(fmt::format("{}: the router was told anew where its containers are", app));
  }
  if (traffic.follow_router(k_who)) {
    tell(fmt::format("{}: live traffic goes to {}, as the router says", app, to_string(traffic.live().value())));
  }
}

/// Routes of apps that are gone.
void forget_strangers(Services& services, const Tell& tell) {
  const auto apps = list_apps(services.home);
  std::set<std::string> strangers;
  for (const route::Route& route : services.router->table().routes) {
    if (std::find(apps.begin(), apps.end(), route.app) == apps.end()) {
      strangers.insert(route.app);
    }
  }
  for (const std::string& app : strangers) {
    services.router->replace(app, {});
    tell(fmt::format("{}: there is no such app any more, and the router forgot it", app));
  }
}

} // namespace

void restore_app(Services& services, Store& store, const std::string& app, const Tell& tell) {
  for (const Color color : k_colors) {
    restore_slot(services, services.slot(app, color), tell);
  }
  if (services.router) {
    LiveTraffic traffic(services, store, app);
    restore_routes(services, traffic, app, tell);
  }
}

void restore(Services& services, Store& store, const Tell& tell) {
  services.engine.version();
  for (const std::string& app : list_apps(services.home)) {
    const auto lock = FileLock::try_acquire(services.home.app(app).lock());
    if (!lock) {
      tell(fmt::format("{}: a runner is at work, and sees to it", app));
      continue;
    }
    try {
      restore_app(services, store, app, tell);
    } catch (const Error& error) {
      tell(fmt::format("{}: {}", app, error.message()));
    }
  }
  if (services.router) {
    forget_strangers(services, tell);
    if (!services.router->is_running()) {
      services.router->up();
      tell("the router was started");
    }
  }
}

} // namespace teal
