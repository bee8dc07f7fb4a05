#include "traffic/router_start.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace teal {

namespace {

namespace fs = std::filesystem;

using ContainersById = std::map<std::string, engine::ContainerSummary>;

ContainersById containers_of(Services& services) {
  ContainersById found;
  for (auto& container : services.docker.containers().list({{label::k_home, services.home.root.string()}})) {
    found.emplace(container.id, std::move(container));
  }
  return found;
}

bool is_there(const ContainersById& containers, const std::string& app, const route::Server& server) {
  const auto found = containers.find(server.container);
  if (found == containers.end() || !found->second.has_processes() ||
      !engine::has_labels(found->second.labels, {{label::k_app, app}})) {
    return false;
  }
  const auto address = found->second.networks.find(network_name(app));
  return address != found->second.networks.end() && address->second == server.address;
}

route::RoutingTable only_what_is_there(Services& services, route::RoutingTable table) {
  const ContainersById containers = containers_of(services);
  for (route::Route& route : table.routes) {
    std::erase_if(route.servers, [&](const route::Server& server) { return !is_there(containers, route.app, server); });
  }
  return table;
}

[[noreturn]] void refuse(const std::string& who) {
  throw Error(ErrorKind::environment,
              fmt::format("the router was taken down by {}; start it: tealhook router up", who));
}

} // namespace

std::string router_taken_down_by(const Services& services) {
  const fs::path mark = services.home.router_taken_down();
  return fs::exists(mark) ? printable(trim(read_file(mark))) : "";
}

void require_router_wanted(Services& services) {
  const std::string who = services.router ? router_taken_down_by(services) : "";
  if (!who.empty() && !services.router->is_running()) {
    refuse(who);
  }
}

bool ensure_router(Services& services) {
  if (!services.router || services.router->is_running()) {
    return false;
  }
  require_router_wanted(services);
  while_doing("starting the router, which did not run", [&] {
    services.router->up([&](route::RoutingTable table) { return only_what_is_there(services, std::move(table)); });
  });
  return true;
}

bool take_router_down(Services& services, const std::string& who) {
  fs::create_directories(services.home.router());
  write_file(services.home.router_taken_down(), who + "\n"); // first: a runner would start it again
  try {
    return services.router->down();
  } catch (const Error&) {
    allow_router(services);
    throw;
  }
}

void allow_router(const Services& services) {
  fs::remove(services.home.router_taken_down());
}

} // namespace teal
