#include "route/nginx.hpp"
#include "route/signposts.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"

#include <fstream>
#include <memory>
#include <sstream>

using namespace teal;
using namespace teal::route;

namespace {

std::string workers_of(pid_t master) {
  std::ostringstream children;
  children << std::ifstream(fmt::format("/proc/{}/task/{}/children", master, master)).rdbuf();
  return children.str();
}

} // namespace

TEST_CASE("nginx moves traffic with the workers it has") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::nginx);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const std::string workers = workers_of(router->status().pid);
  router->replace("shop", {route_at(port, {green.server()})});
  CHECK(visit(port).body == "green");
  router->replace("shop", {route_at(port, {})});
  CHECK(visit(port).status == 503);
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port).body == "blue");
  CHECK(workers_of(router->status().pid) == workers);
}

TEST_CASE("a change of nginx's that was cut short before the signpost was turned is not made") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(RouterKind::nginx, RouterKind::caddy));
  const std::uint16_t port = free_port();
  router->up();
  const Route to_blue = route_at(port, {blue.server()});
  const Route to_green = route_at(port, {green.server()});
  router->replace("shop", {to_blue});
  const TableGenerations tables(router.folder());
  tables.write(tables.newest() + 1, {{to_green}}); // as if killed here
  CHECK(router->table().routes == std::vector<Route>{to_blue});
  CHECK(visit(port).body == "blue");
  router->replace("shop", {to_green});
  CHECK(router->table().routes == std::vector<Route>{to_green});
  CHECK(visit(port).body == "green");
}

TEST_CASE("a change of nginx's that was cut short after the signpost was turned is made") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(RouterKind::nginx, RouterKind::caddy));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Route to_green = route_at(port, {green.server()});
  const TableGenerations tables(router.folder());
  tables.write(tables.newest() + 1, {{to_green}});
  signposts_in(router.folder()).set("shop", {to_green}); // as if killed here
  CHECK(router->table().routes == std::vector<Route>{to_green});
  CHECK(visit(port).body == "green");
}

TEST_CASE("a body that came in while traffic moved is answered by who serves now") {
  auto blue = std::make_unique<Backend>("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::nginx); // others ask the program at once, which is waited for then
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue->server()})});
  const Visitor visitor(port);
  visitor.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
  router->replace("shop", {route_at(port, {green.server()})});
  blue.reset();
  visitor.say("world");
  CHECK(visitor.answer().body == "green");
}

TEST_CASE("a body that came in while replicas were replaced is answered by who serves now") {
  auto blue = std::make_unique<Backend>("blue", "127.0.0.2");
  auto other_blue = std::make_unique<Backend>("blue", "127.0.0.3");
  Backend green("green", "127.0.0.4");
  Backend other_green("green", "127.0.0.5");
  const TestRouter router(RouterKind::nginx);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue->server(), other_blue->server()})});
  const Visitor visitor(port);
  visitor.say("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
  router->replace("shop", {route_at(port, {green.server(), other_green.server()})});
  blue.reset();
  other_blue.reset();
  visitor.say("world"); // to a worker that knows only the replicas before
  CHECK(visitor.answer().body == "green");
}

TEST_CASE("a request without a host is handed over with one") {
  Backend blue("blue");
  const TestRouter router(RouterKind::nginx);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor visitor(port);
  visitor.say("GET /head HTTP/1.0\r\n\r\n");
  CHECK_THAT(visitor.answer().body, ContainsSubstring("\r\nHost: 127.0.0.1\r\n"));
}

TEST_CASE("while traffic is shared each server that nginx asks is counted") {
  Backend blue("blue", "127.0.0.2");
  Server gone = Backend("gone", "127.0.0.3").server();
  gone.weight = 50;
  const TestRouter router(RouterKind::nginx);
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server(50), gone})});
  for (int i = 0; i < 10; ++i) {
    CHECK(visit(port).body == "blue");
  }
  wait_until([&] { return traffic_of(*router.another(), blue.server()).requests == 10; }, std::chrono::seconds(10),
             "all to be counted");
  const Traffic failing = traffic_of(*router.another(), gone);
  CHECK(failing.requests >= 1);
  CHECK(failing.errors == failing.requests);
  router->replace("blog", {route_at(free_port(), {blue.server()}, "blog")}); // by new workers
  CHECK(visit(port).body == "blue");
  wait_until([&] { return traffic_of(*router.another(), blue.server()).requests == 11; }, std::chrono::seconds(10),
             "counting on");
}
