#include "host/ipv4_routes.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"

#include <sched.h>

#include <algorithm>
#include <optional>
#include <thread>

using namespace teal;

namespace {

bool has(const std::vector<Subnet>& routes, const char* text) {
  return std::find(routes.begin(), routes.end(), Subnet::parse(text)) != routes.end();
}

bool ip(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  return run({.arguments = std::move(arguments), .environment = clean_environment()}).succeeded();
}

/// Routes of a network namespace whose only interface is the loopback one; nothing if such cannot be made here.
std::optional<std::vector<Subnet>> routes_elsewhere() {
  std::optional<std::vector<Subnet>> routes;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0 && ip({"link", "set", "lo", "up"}) &&
        ip({"route", "add", "10.7.0.0/16", "dev", "lo"}) &&
        ip({"route", "add", "10.8.4.0/22", "dev", "lo", "table", "77"}) &&
        ip({"route", "add", "blackhole", "10.9.0.1/32"}) && ip({"address", "add", "192.0.2.9/24", "dev", "lo"}) &&
        ip({"route", "add", "0.0.0.0/0", "dev", "lo"}) && ip({"route", "add", "128.0.0.0/1", "dev", "lo"})) {
      routes = ipv4_routes();
    }
  }).join();
  return routes;
}

} // namespace

TEST_CASE("the host has a route to its own addresses") {
  const auto routes = ipv4_routes();
  CHECK(has(routes, "127.0.0.1/32"));
  CHECK(has(routes, "127.0.0.0/8"));
}

TEST_CASE("routes of all tables and the addresses of interfaces are told and ways to the whole world are not") {
  const auto routes = routes_elsewhere();
  if (!routes) {
    SKIP_TEST("a network namespace of its own needs root");
  }
  CHECK(has(*routes, "10.7.0.0/16"));
  CHECK(has(*routes, "10.8.4.0/22"));
  CHECK(has(*routes, "10.9.0.1/32"));
  CHECK(has(*routes, "192.0.2.9/32"));
  CHECK(has(*routes, "192.0.2.0/24"));
  CHECK(std::none_of(routes->begin(), routes->end(), [](const Subnet& route) { return route.prefix() < 8; }));
}
