#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/haproxy.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("what somebody changed at HAProxy's socket is what its table says") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::haproxy);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server(100), green.server(0)})});
  const HaproxySocket socket(router.folder() / "admin.sock");
  const std::string name = "shop-live/c-" + blue.server().container.substr(0, 12);
  socket.order({"set server " + name + " weight 40"});
  CHECK(router->table().routes.at(0).servers.at(0).weight == 40);
  socket.order({"set server " + name + " state maint"});
  CHECK(router->table().routes.at(0).servers == std::vector<Server>{green.server(0)});
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port).body == "blue");
}

TEST_CASE("HAProxy's written configuration is equal to what it runs with") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::haproxy);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const int pid = router->status().pid;
  router->replace("shop", {route_at(port, {green.server(30)})});
  CHECK(router->status().pid == pid);
  const std::string text = read_file(router->status().config);
  CHECK_THAT(text, ContainsSubstring("127.0.0.3") && ContainsSubstring("weight 30"));
  CHECK_THAT(text, !ContainsSubstring("127.0.0.2"));
}

TEST_CASE("a server that came to another address is asked there") {
  Backend old("old", "127.0.0.2");
  Backend moved("moved", "127.0.0.3");
  const TestRouter router(RouterKind::haproxy);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {old.server()})});
  Server server = moved.server();
  server.container = old.server().container;
  router->replace("shop", {route_at(port, {server})});
  CHECK(visit(port).body == "moved");
  CHECK(router->table().routes.at(0).servers == std::vector<Server>{server});
}

TEST_CASE("HAProxy forgets a server that has left once its requests have ended") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::haproxy);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  router->replace("shop", {route_at(port, {green.server()})});
  const HaproxySocket socket(router.folder() / "admin.sock");
  const auto knows_blue = [&] {
    router->replace("shop", {route_at(port, {green.server()})});
    return socket.ask("show servers state shop-live").find("127.0.0.2") != std::string::npos;
  };
  wait_until([&] { return !knows_blue(); }, std::chrono::seconds(10), "HAProxy to forget the server that left");
}

TEST_CASE("HAProxy has no configuration of somebody else's to be included from") {
  const TestRouter router(RouterKind::haproxy);
  ServerSettings::Router settings = router.settings();
  settings.config = "/etc/haproxy/haproxy.cfg";
  CHECK_THROWS_WITH(make_router(settings, router.folder(), router_environment()), ContainsSubstring("router.config"));
}
