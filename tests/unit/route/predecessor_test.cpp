#include "host/port_owner.hpp"
#include "route/predecessor.hpp"
#include "route/router_factory.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "unit/route/backend.hpp"
#include "unit/route/router_fixture.hpp"
#include "unit/route/visitors.hpp"

using namespace teal;
using namespace teal::route;

namespace {

using Kind = ServerSettings::Router::Kind;

ServerSettings::Router settings_of(const TestRouter& router, Kind kind) {
  ServerSettings::Router settings = router.settings();
  settings.kind = kind;
  return settings;
}

std::optional<Predecessor> find(const TestRouter& router, Kind kind) {
  return Predecessor::find(settings_of(router, kind), router.folder(), router_environment());
}

Kind another_kind(Kind kind) {
  return kind == Kind::haproxy ? Kind::nginx : kind == Kind::nginx ? Kind::caddy : Kind::haproxy;
}

} // namespace

TEST_CASE("a router of another kind that runs is found with what it routes and one of the same kind is not") {
  const Kind kind = GENERATE(from_range(k_router_kinds));
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(kind);
  CHECK_FALSE(find(router, another_kind(kind)));
  router->up();
  const std::uint16_t port = free_port();
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK_FALSE(find(router, kind));
  for (const Kind next : {another_kind(kind), Kind::none}) {
    const auto before = find(router, next);
    REQUIRE(before);
    CHECK(before->pid() == router->status().pid);
    CHECK(before->table() == router->table());
  }
  router->down();
  CHECK_FALSE(find(router, another_kind(kind)));
}

TEST_CASE("a router of another kind gives its ports to its successor and comes back where that fails") {
  const Kind kind = GENERATE(from_range(k_router_kinds));
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(kind);
  router->up();
  const std::uint16_t port = free_port();
  router->replace("shop", {route_at(port, {blue.server()})});
  auto before = find(router, another_kind(kind));
  REQUIRE(before);
  const RoutingTable table = before->table();
  before->let_go();
  before->await_ports();
  CHECK_FALSE(find_port_owner(port));
  before->bring_back();
  CHECK(visit(port).body == "blue");
  const auto successor = make_router(settings_of(router, another_kind(kind)), router.folder(), router_environment());
  before = find(router, another_kind(kind));
  REQUIRE(before);
  before->let_go();
  before->await_ports();
  successor->up([&](const RoutingTable& /*older*/) { return table; });
  CHECK(visit(port).body == "blue");
  CHECK(before->await_end());
  CHECK_FALSE(find(router, another_kind(kind)));
  CHECK(successor->down());
}

TEST_CASE("two that share ports change without a moment in which nobody listens") {
  const auto [kind, next] = GENERATE(std::pair(Kind::haproxy, Kind::caddy), std::pair(Kind::caddy, Kind::haproxy));
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(kind);
  router->up();
  const std::uint16_t port = free_port();
  router->replace("shop", {route_at(port, {blue.server()})});
  auto before = find(router, next);
  REQUIRE(before);
  REQUIRE(before->shares_ports_with(next));
  CHECK_FALSE(before->shares_ports_with(Kind::nginx));
  const auto successor = make_router(settings_of(router, next), router.folder(), router_environment());
  const RoutingTable table = before->table();
  successor->up([&](const RoutingTable& /*older*/) { return table; });
  CHECK(router->is_running());
  CHECK(visit(port).body == "blue");
  before->let_go();
  CHECK(before->await_end());
  for (int i = 0; i < 5; ++i) {
    CHECK(visit(port).body == "blue");
  }
  CHECK(successor->down());
}
