#include "traffic/router_start.hpp"

#include "config/router_kinds.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "route/predecessor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
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

std::optional<route::Predecessor> find_predecessor(const Services& services) {
  return route::Predecessor::find(services.settings.router, services.home.router(), services.environment);
}

void end(route::Predecessor& before) {
  before.let_go();
  static_cast<void>(before.await_end());
}

/// The new one starts with what the old one routes, if it is not there already: a runner that was killed at this is
/// followed by one that finishes it.
std::string take_over(Services& services, route::Predecessor& before) {
  const route::RoutingTable routes = before.table();
  const auto start = [&] {
    services.router->up([&](const route::RoutingTable& /*older*/) { return only_what_is_there(services, routes); });
  };
  const std::string now = to_string(services.settings.router.kind);
  if (!find_program(now, services.environment) && services.settings.router.config.empty()) {
    start(); // says that it is not installed, and what to do
  }
  std::string how = "its ports were open all the time";
  if (before.shares_ports_with(services.settings.router.kind)) {
    start();
    before.let_go();
  } else {
    const Stopwatch closed;
    before.let_go();
    before.await_ports();
    try {
      start();
    } catch (const Error&) {
      before.bring_back();
      throw;
    }
    how = fmt::format("the ports were closed for {}", format_seconds(closed.elapsed()));
  }
  const bool ended = before.await_end();
  return fmt::format("{} took over from {}; {}{}", now, before.name(), how,
                     ended ? "" : "; connections that did not end in 30 s were cut");
}

[[noreturn]] void refuse(const std::string& who) {
  throw Error(ErrorKind::environment,
              fmt::format("the router was taken down by {}; start it: tealhook router up", who));
}

} // namespace

std::string router_taken_down_by(const Services& services) {
  const fs::path mark = services.home.router_taken_down();
  return files::exists(mark) ? printable(trim(read_file(mark))) : "";
}

void require_router_wanted(Services& services) {
  const std::string who = services.router ? router_taken_down_by(services) : "";
  if (!who.empty() && !services.router->is_running()) {
    refuse(who);
  }
}

std::string ensure_router(Services& services) {
  if (!services.router) {
    return "";
  }
  auto before = find_predecessor(services);
  if (before) {
    require_router_wanted(services);
    return while_doing(fmt::format("taking over from {}, pid {}", before->name(), before->pid()),
                       [&] { return take_over(services, *before); });
  }
  if (services.router->is_running()) {
    return "";
  }
  require_router_wanted(services);
  while_doing("starting the router, which did not run", [&] {
    services.router->up([&](route::RoutingTable table) { return only_what_is_there(services, std::move(table)); });
  });
  return "the router did not run: it was started";
}

route::RoutingTable routed_now(const Services& services) {
  const auto before = find_predecessor(services);
  return before ? before->table() : services.router->table();
}

std::vector<route::Route> routed_now(const Services& services, std::string_view app) {
  const auto before = find_predecessor(services);
  return before ? route::routes_of(before->table(), app) : services.router->routes(app);
}

std::string describe_predecessor(const Services& services) {
  const auto before = find_predecessor(services);
  return !before
             ? ""
             : fmt::format("{}, pid {}, of before router.kind was changed, still runs and has the ports; {}",
                           before->name(), before->pid(),
                           services.router ? "to hand over: tealhook router up" : "to end it: tealhook router down");
}

bool take_router_down(Services& services, const std::string& who) {
  files::create_directories(services.home.router());
  write_file(services.home.router_taken_down(), who + "\n"); // first: a runner would start it again
  try {
    auto before = find_predecessor(services);
    if (before) {
      end(*before);
    }
    return (services.router && services.router->down()) || before.has_value();
  } catch (const Error&) {
    allow_router(services);
    throw;
  }
}

void allow_router(const Services& services) {
  files::remove(services.home.router_taken_down());
}

} // namespace teal
