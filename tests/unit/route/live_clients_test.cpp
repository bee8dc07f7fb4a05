#include "core/text.hpp"
#include "route/router.hpp"
#include "support/load.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

using namespace teal;
using namespace teal::route;

namespace {

constexpr int k_rounds = 10;
constexpr int k_requests_a_round = 40; ///< two of each kind, some times

/// All but what README's table says: a new configuration ends Caddy's websockets, and a kept connection on which
/// HAProxy has answered early may be closed by it unannounced.
std::vector<ClientKind> kinds_beside_new_entrances(RouterKind router) {
  std::vector<ClientKind> kinds;
  for (const ClientKind kind : k_client_kinds) {
    if (!(router == RouterKind::caddy && kind == ClientKind::upgraded) &&
        !(router == RouterKind::haproxy && kind == ClientKind::answered_early)) {
      kinds.push_back(kind);
    }
  }
  return kinds;
}

void check_none_failed(Load& load, const TestRouter& router) {
  load.stop();
  INFO(router->status().version << ": " << load.failures().size() << " of " << load.requests() << "\n"
                                << join(load.failures(), "\n"));
  CHECK(load.failures().empty());
}

} // namespace

TEST_CASE("no client of any kind loses a request while traffic moves to and fro") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Load load(port, std::vector<ClientKind>(k_client_kinds.begin(), k_client_kinds.end()));
  for (int i = 0; i < k_rounds; ++i) {
    router->replace("shop", {route_at(port, {green.server()})});
    const int before = load.requests();
    wait_until([&] { return load.requests() > before + k_requests_a_round; }, std::chrono::seconds(10),
               "requests after the change");
    router->replace("shop", {route_at(port, {blue.server()})});
  }
  check_none_failed(load, router);
}

TEST_CASE("no client of any kind loses a request while other apps come and go") {
  Backend blue("blue", "127.0.0.2");
  const RouterKind kind = GENERATE(from_range(k_router_kinds));
  const TestRouter router(kind);
  const std::uint16_t port = free_port();
  const std::uint16_t other_port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Load load(port, kinds_beside_new_entrances(kind));
  for (int i = 0; i < k_rounds; ++i) {
    router->replace("blog", {route_at(other_port, {blue.server()}, "blog")});
    router->replace("blog", {});
  }
  check_none_failed(load, router);
}
