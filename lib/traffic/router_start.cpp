#include "traffic/router_start.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace teal {

namespace {

namespace fs = std::filesystem;

using RunningById = std::map<std::string, Running>;

bool is_there(const RunningById& present, const std::string& app, const route::Server& server) {
  const auto found = present.find(server.container);
  return found != present.end() && found->second.runs && found->second.app == app &&
         found->second.address == server.address;
}

/// Asked of all targets that the apps have, once each.
RunningById find_all(Services& services, const route::RoutingTable& table) {
  std::set<Target*> targets;
  for (const route::Route& route : table.routes) {
    targets.insert(&services.target(route.app));
  }
  RunningById found;
  for (Target* target : targets) {
    for (Running& running : target->all()) {
      found.emplace(running.id, std::move(running));
    }
  }
  return found;
}

route::RoutingTable only_what_is_there(Services& services, route::RoutingTable table) {
  const RunningById present = find_all(services, table);
  for (route::Route& route : table.routes) {
    std::erase_if(route.servers, [&](const route::Server& server) { return !is_there(present, route.app, server); });
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
