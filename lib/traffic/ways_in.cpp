#include "traffic/ways_in.hpp"

#include "core/text.hpp"
#include "host/port_owner.hpp"
#include "host/port_trial.hpp"
#include "route/entrance.hpp"
#include "target/docker/preflight.hpp"
#include "traffic/certificate.hpp"
#include "traffic/router_start.hpp"
#include "traffic/routes.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace teal {

namespace {

/// For the router. What the app's own containers publish, as those made without a router do, they let go of in time.
void require_listenable(Services& services, const std::string& app, const route::Entrance& entrance) {
  const auto publishing = services.docker.containers().publishing(entrance.port);
  for (const auto& container : publishing) {
    if (!engine::has_labels(container.labels, {{label::k_home, services.home.root.string()}, {label::k_app, app}})) {
      refuse_port(entrance.port, fmt::format("the container '{}'", container.name), app);
    }
  }
  const int fault = publishing.empty() ? try_listening(entrance.address, entrance.port) : 0;
  if (fault == EADDRINUSE) {
    refuse_port(entrance.port, describe_holder(entrance.port), app);
  }
  if (fault != 0) {
    throw Error(ErrorKind::environment, fmt::format("the router cannot listen on port {} of {}: {}", entrance.port,
                                                    entrance.address, system_reason(fault)));
  }
}

} // namespace

void require_entrance(Services& services, const Slot& slot, const std::optional<Running>& current,
                      const AppSettings& settings) {
  if (services.router) {
    require_router_wanted(services);
    require_ways_in(services, slot.app, settings, tls_for(settings.route, services.settings.router.kind));
  } else {
    services.target(slot.app).require_port(slot, current, settings);
  }
}

void require_ways_in(Services& services, const std::string& app, const AppSettings& settings,
                     const std::optional<route::Tls>& tls) {
  const ServerSettings::Router& router = services.settings.router;
  const std::vector<route::Route> routes = routes_for(app, settings, tls, {});
  if (route::same_entrances({routed_now(services, app)}, {routes})) {
    return; // that they are apart from all others' was seen when they came
  }
  const route::RoutingTable present = routed_now(services);
  route::require_distinct(route::with_routes(present, app, routes), router);
  // Of a router that was killed as well: what is left of it may still hold them, and ends before the next one starts.
  const auto held = route::entrances(present, router);
  for (const route::Entrance& entrance : route::entrances({routes}, router)) {
    if (!held.contains(entrance)) {
      require_listenable(services, app, entrance);
    }
  }
}

} // namespace teal
