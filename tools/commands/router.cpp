#include "commands/commands.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "request/runner_start.hpp"
#include "table.hpp"
#include "traffic/router_start.hpp"
#include "upkeep/restore.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <csignal>
#include <iostream>
#include <map>
#include <set>
#include <thread>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr Milliseconds k_look_pause{500};

volatile std::sig_atomic_t s_is_told_to_end = 0; ///< by a service manager

void require_a_router(const Services& services) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                fmt::format("there is to be no router: set router.kind in '{}' to haproxy, nginx or caddy",
                            services.home.settings().string()));
  }
}

std::string describe_entrance(const route::Route& route) {
  std::vector<std::string> parts;
  if (route.port != 0) {
    parts.push_back(fmt::format("{}:{}", route.bind, route.port));
  }
  for (const std::string& host : route.hosts) {
    parts.push_back(host + (route.path == "/" ? "" : route.path));
  }
  return join(parts, " ");
}

/// Requests under way to each of the app's containers, by route and container.
using InFlight = std::map<std::pair<std::string, std::string>, std::uint64_t>;

InFlight requests_under_way(Services& services, const route::RoutingTable& table) {
  std::set<std::string> apps;
  for (const route::Route& route : table.routes) {
    apps.insert(route.app);
  }
  InFlight counts;
  for (const std::string& app : apps) {
    for (const route::Traffic& traffic : services.router->traffic(app)) {
      counts[{traffic.route, traffic.container}] += traffic.in_flight;
    }
  }
  return counts;
}

json::object to_json(const route::Route& route, InFlight& in_flight) {
  json::array servers;
  for (const route::Server& server : route.servers) {
    servers.push_back({{"container", server.container},
                       {"address", fmt::format("{}:{}", server.address, server.port)},
                       {"weight", server.weight},
                       {"in_flight", in_flight[{route.name(), server.container}]}});
  }
  json::array hosts;
  for (const std::string& host : route.hosts) {
    hosts.push_back(to_text(host));
  }
  return {{"app", route.app},
          {"door", route.door},
          {"port", route.port == 0 ? json::value(nullptr) : json::value(route.port)},
          {"hosts", std::move(hosts)},
          {"path", to_text(route.path)},
          {"servers", std::move(servers)}};
}

std::string describe_absence(const Services& services) {
  const std::string who = router_taken_down_by(services);
  return fmt::format("the router {}; start it: tealhook router up",
                     who.empty() ? "does not run" : fmt::format("was taken down by {}", who));
}

void show(Context& context, Services& services) {
  const route::RouterStatus status = services.router->status();
  const route::RoutingTable table = routed_now(services);
  InFlight in_flight = status.running ? requests_under_way(services, table) : InFlight();
  if (context.json) {
    json::array routes;
    for (const route::Route& route : table.routes) {
      routes.push_back(to_json(route, in_flight));
    }
    context.print(json::serialize(
        json::value{{"running", status.running},
                    {"pid", status.running ? json::value(status.pid) : json::value(nullptr)},
                    {"version", to_text(status.version)},
                    {"config", to_text(status.config)},
                    {"predecessor", to_text(describe_predecessor(services))},
                    {"complaint", status.complaint.empty() ? json::value(nullptr) : to_text(status.complaint)},
                    {"routes", std::move(routes)}}));
    return;
  }
  context.print(status.running ? fmt::format("{} runs, pid {}, with '{}'", status.version, status.pid, status.config)
                               : describe_absence(services));
  if (!status.complaint.empty()) {
    context.print("warning: " + status.complaint);
  }
  if (const std::string before = describe_predecessor(services); !before.empty()) {
    context.print("warning: " + before);
  }
  std::vector<Row> rows{{"APP", "DOOR", "COMES IN AT", "GOES TO", "WEIGHT", "IN FLIGHT"}};
  for (const route::Route& route : table.routes) {
    const Row start{route.app, route.door, describe_entrance(route)};
    if (route.servers.empty()) {
      rows.push_back({route.app, route.door, describe_entrance(route), "nothing (503)"});
    }
    for (const route::Server& server : route.servers) {
      Row row = start;
      row.insert(row.end(),
                 {fmt::format("{} at {}:{}", server.container.substr(0, 12), server.address, server.port),
                  std::to_string(server.weight), std::to_string(in_flight[{route.name(), server.container}])});
      rows.push_back(std::move(row));
    }
  }
  if (rows.size() > 1) {
    context.print(format_table(rows));
  }
}

/// Until it ends, or we are told to end, which is to take it down. Throws Error(environment) unless a person did.
void stay(Services& services, const std::string& who) {
  std::cout.flush(); // a service manager's journal shows what was found when it began
  while (services.router->is_running() && s_is_told_to_end == 0) {
    std::this_thread::sleep_for(k_look_pause);
  }
  if (s_is_told_to_end != 0) {
    take_router_down(services, who);
  } else if (router_taken_down_by(services).empty()) {
    throw Error(ErrorKind::environment, "the router has ended, and nobody took it down");
  }
}

void start(Context& context, bool foreground) {
  if (foreground) {
    std::signal(SIGTERM, [](int /*signal*/) { s_is_told_to_end = 1; });
  }
  Services services = context.open_services();
  require_a_router(services);
  Store store(services.home.store(), context.clock());
  allow_router(services);
  static_cast<void>(restore(services, store, [&](const std::string& line) {
    if (!context.json) {
      context.print(line);
    }
  }));
  const std::string done = ensure_router(services); // throws why it cannot be started
  if (!done.empty() && !context.json) {
    context.print(done);
  }
  start_runners(services.home, store.queue, context.environment(), Installation::of_this_program());
  show(context, services);
  if (foreground) {
    stay(services, context.principal().text());
  }
}

void stop(Context& context) {
  Services services = context.open_services();
  if (describe_predecessor(services).empty()) {
    require_a_router(services);
  }
  const bool stopped = take_router_down(services, context.principal().text());
  if (context.json) {
    context.print(json::serialize(json::value{{"stopped", stopped}}));
  } else {
    context.print(
        fmt::format("{}; nobody starts it again but: tealhook router up",
                    stopped ? "the router was stopped, and its routes are kept" : "no router of this home runs"));
  }
}

void report(Context& context) {
  Services services = context.open_services();
  if (const std::string before = describe_predecessor(services); !services.router && !before.empty()) {
    throw Error(ErrorKind::settings, before);
  }
  require_a_router(services);
  show(context, services);
  context.exit_code = services.router->is_running() ? 0 : exit_code(ErrorKind::environment);
}

} // namespace

void add_router(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("router", "start, stop or look at the router, which moves live traffic");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook router up\n  tealhook router status --json\n  tealhook router down");
  CLI::App* up =
      group->add_subcommand("up", "start the router, with routes to the containers that run; fine if it runs");
  up->footer("Examples:\n  tealhook router up");
  const auto foreground = std::make_shared<bool>(false);
  up->add_flag("--foreground", *foreground,
               "stay until it ends, for a service manager: exits 3 if nobody took it down; SIGTERM does");
  up->callback([&context, foreground] { start(context, *foreground); });
  CLI::App* down = group->add_subcommand(
      "down", "let the router end what it is at, and stop it until: router up; its routes are kept");
  down->footer("Examples:\n  tealhook router down");
  down->callback([&context] { stop(context); });
  CLI::App* status = group->add_subcommand("status", "show what comes in where, and goes to which container");
  status->footer("Examples:\n  tealhook router status\n  tealhook router status --json");
  status->callback([&context] { report(context); });
}

} // namespace teal::tool
