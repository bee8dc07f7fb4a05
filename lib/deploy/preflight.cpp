#include "deploy/preflight.hpp"

#include "core/text.hpp"
#include "deploy/certificate.hpp"
#include "deploy/router_start.hpp"
#include "deploy/routes.hpp"
#include "process/atomic_file.hpp"
#include "process/port_owner.hpp"
#include "process/port_trial.hpp"
#include "route/entrance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace teal {

namespace {

namespace fs = std::filesystem;

/// Where the engine keeps its images, remembered: asking takes the engine 20 ms.
fs::path engine_folder(Services& services) {
  const fs::path cache = services.home.cache() / "engine-folder";
  const std::string key = services.engine.host() + " " + services.engine.version().engine + "\n";
  try {
    const std::string known = read_file(cache);
    if (known.starts_with(key)) {
      return known.substr(key.size());
    }
  } catch (const Error&) { // not there yet
  }
  std::string folder = services.engine.data_root();
  fs::create_directories(services.home.cache());
  write_file(cache, key + folder);
  return folder;
}

void require_free(const fs::path& folder, std::uint64_t limit) {
  std::error_code elsewhere; // a folder of an engine on another host
  const fs::space_info space = fs::space(folder, elsewhere);
  if (!elsewhere && space.available < limit) {
    throw Error(
        ErrorKind::environment,
        fmt::format("only {} are free where '{}' lies, and limits.min_free_disk is {}; free some (docker system df "
                    "shows what images and build caches hold) or lower the limit in tealhook.yml",
                    format_size(space.available), folder.string(), format_size(limit)));
  }
}

[[noreturn]] void refuse_port(std::uint16_t port, const std::string& holder, std::string_view app) {
  throw Error(
      ErrorKind::environment,
      fmt::format("port {} is in use by {}; end that, or give '{}' another port in its app.yml", port, holder, app));
}

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

/// Whether the slot's own container has the port, as it was given in the settings of then.
bool has_port(const SlotContainers& running, std::uint16_t port) {
  return running.current_has_port() && running.current->running && !running.current->ports.empty() &&
         running.current->ports.front().host_port == port;
}

} // namespace

void require_free_disk(Services& services) {
  for (const fs::path& folder : {services.home.root, services.home.apps(), services.home.registry()}) {
    require_free(folder, services.settings.limits.min_free_disk);
  }
  if (services.engine.host().starts_with("unix:")) {
    require_free(engine_folder(services), services.settings.limits.min_free_disk);
  }
}

void require_port(Services& services, const Slot& slot, std::uint16_t port) {
  const auto publishing = services.docker.containers().publishing(port);
  const auto stranger = std::find_if(publishing.begin(), publishing.end(), [&](const auto& container) {
    return !engine::has_labels(container.labels, slot.labels());
  });
  if (stranger != publishing.end()) {
    refuse_port(port, fmt::format("the container '{}'", stranger->name), slot.app);
  }
  if (!publishing.empty()) {
    return;
  }
  if (const auto owner = find_port_owner(port)) {
    refuse_port(port, describe(*owner), slot.app);
  }
}

void require_registry(Services& services) {
  try {
    services.registry.ping();
  } catch (const Error& error) {
    throw Error(ErrorKind::environment, fmt::format("{}; start it: tealhook registry up", error.message()));
  }
}

void preflight(Services& services, const Slot& slot, const SlotContainers& running, const AppSettings& settings) {
  require_registry(services);
  require_free_disk(services);
  require_addresses(services, slot, settings);
  require_entrance(services, slot, running, settings);
}

void require_addresses(Services& services, const Slot& slot, const AppSettings& settings) {
  constexpr std::size_t k_surely_room = 31; // of the smallest network of an app
  const std::size_t wanted =
      settings.run.processes.size() + (services.router ? 0 : 1) + (settings.deploy.before_switch.empty() ? 0 : 1);
  if (3 * wanted <= k_surely_room) { // two colors, and a successor of one
    return;
  }
  const auto containers = services.docker.containers().list({{label::k_home, slot.home}, {label::k_app, slot.app}});
  const auto used = static_cast<std::size_t>(std::count_if(
      containers.begin(), containers.end(), [](const auto& container) { return container.addresses.empty(); }));
  const std::uint64_t capacity = services.docker.networks().capacity(network_name(slot.app));
  if (used + wanted > capacity) {
    throw Error(ErrorKind::environment,
                fmt::format("the network of '{}' has addresses for {} containers: {} are there, and this deployment "
                            "starts {} beside them; run fewer run.processes",
                            slot.app, capacity, used, wanted));
  }
}

void require_entrance(Services& services, const Slot& slot, const SlotContainers& running,
                      const AppSettings& settings) {
  const std::uint16_t port = settings.ports.at(slot.color);
  if (services.router) {
    require_router_wanted(services);
    require_ways_in(services, slot.app, settings, tls_for(settings.route, services.settings.router.kind));
  } else if (!has_port(running, port)) {
    require_port(services, slot, port);
  }
}

void require_ways_in(Services& services, const std::string& app, const AppSettings& settings,
                     const std::optional<route::Tls>& tls) {
  const ServerSettings::Router& router = services.settings.router;
  const std::vector<route::Route> routes = routes_for(app, settings, tls, {});
  if (route::same_entrances({services.router->routes(app)}, {routes})) {
    return; // that they are apart from all others' was seen when they came
  }
  const route::RoutingTable present = services.router->table();
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
