// What a change of one app costs a router that has many: router_bench haproxy|nginx|caddy APPS ROUNDS FOLDER
// Each app has three doors with ports of their own, from 20000 on, and a server that nobody asks.
#include "config/router_kinds.hpp"
#include "core/error.hpp"
#include "route/router_factory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace teal;

constexpr int k_first_port = 20000;

route::Server server_of(int app, char color) {
  std::string container = fmt::format("{:012d}", app);
  container.front() = color;
  container.resize(64, '0');
  return {.container = container, .address = "127.0.0.9", .port = 9, .weight = 100};
}

std::string name_of(int app) {
  return fmt::format("app{:04d}", app);
}

std::vector<route::Route> routes_of_app(int app, char live) {
  std::vector<route::Route> routes;
  for (const std::string door : {"blue", "green", "live"}) {
    route::Route& route = routes.emplace_back();
    route.app = name_of(app);
    route.door = door;
    route.bind = "127.0.0.1";
    route.port = static_cast<std::uint16_t>(k_first_port + 3 * app + static_cast<int>(routes.size()));
    route.servers = {server_of(app, door == "live" ? live : door.front())};
  }
  return routes;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const std::string& what, int rounds, const std::function<void(int)>& work) {
  std::vector<double> took;
  const double before = processor_seconds();
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work(i);
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  const double used = (processor_seconds() - before) * 1000 / rounds;
  std::sort(took.begin(), took.end());
  fmt::print("{:<22} median {:8.2f} ms, best {:8.2f} ms, own processor time {:8.2f} ms\n", what, took[took.size() / 2],
             took.front(), used);
}

void run(const ServerSettings::Router& settings, int apps, int rounds, const std::string& folder) {
  Environment environment{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
  const auto router = route::make_router(settings, folder, environment);
  route::RoutingTable table;
  for (int app = 0; app < apps; ++app) {
    const auto routes = routes_of_app(app, 'b');
    table.routes.insert(table.routes.end(), routes.begin(), routes.end());
  }
  measure("start", 1, [&](int) { router->up([&](const route::RoutingTable&) { return table; }); });
  const int middle = apps / 2;
  measure("switch of one app", rounds,
          [&](int i) { router->replace(name_of(middle), routes_of_app(middle, i % 2 == 0 ? 'g' : 'b')); });
  measure("traffic of one app", rounds, [&](int) { static_cast<void>(router->traffic(name_of(middle))); });
  measure("table of all apps", rounds, [&](int) { static_cast<void>(router->table()); });
  measure("a new app", std::min(rounds, 5),
          [&](int i) { router->replace(name_of(apps + i), routes_of_app(apps + i, 'b')); });
  router->down();
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: router_bench haproxy|nginx|caddy APPS ROUNDS FOLDER\n");
    return 2;
  }
  try {
    const auto& kinds = router_kinds();
    ServerSettings::Router settings;
    settings.kind = std::map(kinds.begin(), kinds.end()).at(argv[1]);
    run(settings, std::atoi(argv[2]), std::atoi(argv[3]), argv[4]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
