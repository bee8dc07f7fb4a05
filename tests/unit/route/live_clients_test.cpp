#include "core/text.hpp"
#include "route/router.hpp"
#include "support/load.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

using namespace teal;
using namespace teal::route;

namespace {

constexpr int k_rounds = 4;

struct Case {
  RouterKind router;
  ClientKind client;
};

/// All but what README's table says: a new configuration ends Caddy's websockets, and a kept connection on which
/// HAProxy has answered early may be closed by it unannounced.
std::vector<Case> cases_of_new_entrances() {
  std::vector<Case> cases;
  for (const RouterKind router : k_router_kinds) {
    for (const ClientKind client : k_client_kinds) {
      if (!(router == RouterKind::caddy && client == ClientKind::upgraded) &&
          !(router == RouterKind::haproxy && client == ClientKind::answered_early)) {
        cases.push_back({router, client});
      }
    }
  }
  return cases;
}

} // namespace

TEST_CASE("no client of any kind loses a request while traffic moves to and fro") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const ClientKind kind = GENERATE(from_range(k_client_kinds));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Load load(port, {kind});
  for (int i = 0; i < k_rounds; ++i) {
    router->replace("shop", {route_at(port, {green.server()})});
    const int before = load.requests();
    wait_until([&] { return load.requests() > before + 2; }, std::chrono::seconds(10), "requests after the change");
    router->replace("shop", {route_at(port, {blue.server()})});
  }
  load.stop();
  INFO(router->status().version << ", " << to_string(kind) << ": " << load.failures().size() << " of "
                                << load.requests() << "\n"
                                << join(load.failures(), "\n"));
  CHECK(load.failures().empty());
}

TEST_CASE("no client of any kind loses a request while other apps come and go") {
  Backend blue("blue", "127.0.0.2");
  const Case one = GENERATE(from_range(cases_of_new_entrances()));
  const ClientKind kind = one.client;
  const TestRouter router(one.router);
  const std::uint16_t port = free_port();
  const std::uint16_t other_port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Load load(port, {kind});
  for (int i = 0; i < 2; ++i) {
    router->replace("blog", {route_at(other_port, {blue.server()}, "blog")});
    router->replace("blog", {});
  }
  load.stop();
  INFO(router->status().version << ", " << to_string(kind) << ": " << load.failures().size() << " of "
                                << load.requests() << "\n"
                                << join(load.failures(), "\n"));
  CHECK(load.failures().empty());
}
