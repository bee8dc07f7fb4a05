#include "core/error.hpp"
#include "process/detached.hpp"
#include "route/router.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"
#include "unit/route/visitors.hpp"

#include <sys/stat.h>

#include <map>
#include <string>
#include <thread>

using namespace teal;
using namespace teal::route;

namespace {

constexpr std::chrono::seconds k_patience(10);

} // namespace

TEST_CASE("a router that never was started says so, and routes nothing") {
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  CHECK_FALSE(router->is_running());
  CHECK_FALSE(router->status().running);
  CHECK_FALSE(router->status().version.empty());
  CHECK(router->table() == RoutingTable());
  CHECK_FALSE(router->down());
}

TEST_CASE("a router sends requests to the server of their port") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t blue_port = free_port();
  const std::uint16_t green_port = free_port();
  router->up();
  const std::vector<Route> routes{route_at(blue_port, {blue.server()}, "shop", "blue"),
                                  route_at(green_port, {green.server()}, "shop", "green")};
  router->replace("shop", routes);
  CHECK(visit(blue_port).body == "blue");
  CHECK(visit(green_port).body == "green");
  CHECK(router->table().routes == routes);
}

TEST_CASE("a router told before it was started routes once it runs") {
  Backend blue("blue");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(router->table().routes.size() == 1);
  router->up();
  CHECK(visit(port).body == "blue");
}

TEST_CASE("a running router is left as it is by another start") {
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  const RouterStatus first = router->status();
  CHECK(first.running);
  CHECK(first.complaint.empty());
  router->up();
  CHECK(router->status().pid == first.pid);
  CHECK(router->down());
  CHECK_FALSE(router->is_running());
}

TEST_CASE("only its owner reaches a router's files and sockets") {
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->up();
  constexpr mode_t k_for_others = S_IRWXG | S_IRWXO;
  struct stat found {};
  REQUIRE(::stat(router.folder().c_str(), &found) == 0);
  CHECK((found.st_mode & k_for_others) == 0);
}

TEST_CASE("a program behind a router is told who asked, and for what host") {
  Backend blue("blue");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  std::string head = visit(port, "/head", "shop.example.com").body;
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  CHECK_THAT(head, ContainsSubstring("\r\nhost: shop.example.com\r\n"));
  CHECK_THAT(head, ContainsSubstring("\r\nx-forwarded-for: 127.0.0.1\r\n"));
  CHECK_THAT(head, ContainsSubstring("\r\nx-forwarded-proto: http\r\n"));
  CHECK_THAT(head, ContainsSubstring("\r\nx-forwarded-host: shop.example.com\r\n"));
}

TEST_CASE("when replace returns, the next request goes where it says") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  for (int i = 0; i < 10; ++i) {
    router->replace("shop", {route_at(port, {blue.server()})});
    CHECK(visit(port).body == "blue");
    router->replace("shop", {route_at(port, {green.server()})});
    CHECK(visit(port).body == "green");
  }
}

TEST_CASE("a kept connection follows when traffic is moved") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", port});
  CHECK(client.request({}).body == "blue");
  router->replace("shop", {route_at(port, {green.server()})});
  CHECK(client.request({}).body == "green");
}

TEST_CASE("servers share requests by their weights") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_weighing_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server(100)})});
  for (const unsigned share : {100U, 10U, 50U}) {
    router->replace("shop", {route_at(port, {blue.server(100 - share), green.server(share)})});
    unsigned count = 0;
    for (int i = 0; i < 100; ++i) {
      count += visit(port).body == "green" ? 1 : 0;
    }
    CAPTURE(share, count);
    CHECK(count + 5 >= share);
    CHECK(count <= share + 5);
  }
  wait_until([&] { return traffic_of(*router.another(), green.server()).requests >= 50; }, k_patience,
             "requests to be counted");
}

TEST_CASE("replicas share requests, come and go, and one that cannot be reached costs no answer") {
  Backend one("one", "127.0.0.2");
  Backend two("two", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  Server dead = two.server();
  dead.container = std::string(64, 'd');
  dead.address = "127.0.0.9"; // where nobody listens
  const auto replicas = [&](std::vector<Server> servers) {
    for (Server& server : servers) {
      server.has_peers = servers.size() > 1;
    }
    return std::vector{route_at(port, std::move(servers))};
  };
  router->replace("shop", replicas({one.server()}));
  router->replace("shop", replicas({one.server(), two.server()}));
  CHECK(router->table().routes == replicas({one.server(), two.server()}));
  const auto answers = [&] {
    std::map<std::string, int> counts;
    for (int i = 0; i < 20; ++i) {
      ++counts[visit(port).body];
    }
    return counts;
  };
  const auto shared = answers(); // of several workers, each in turn
  CHECK(shared.size() == 2);
  CHECK(shared.begin()->second >= 5);
  CHECK(shared.begin()->second <= 15);
  router->replace("shop", replicas({one.server(), two.server(), dead}));
  const auto beside_dead = answers();
  CHECK(beside_dead.size() == 2); // and nothing but these
  router->replace("shop", replicas({one.server(), two.server()}));
  CHECK(answers().size() == 2);
  router->replace("shop", replicas({two.server()}));
  CHECK(router->table().routes == replicas({two.server()}));
  CHECK(answers() == std::map<std::string, int>{{"two", 20}});
}

TEST_CASE("a route without a server that takes requests is a 503 that names the app") {
  Backend blue("blue");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {})});
  CHECK(visit(port).status == 503);
  CHECK_THAT(visit(port).body, ContainsSubstring("shop"));
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port).body == "blue");
  router->replace("shop", {route_at(port, {blue.server(0)})});
  CHECK(visit(port).status == 503);
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port).status == 200);
}

TEST_CASE("apps share a port by host name and by whole segments of the path, the longest first") {
  Backend site("site", "127.0.0.2");
  Backend api("api", "127.0.0.3");
  Backend next("next", "127.0.0.4");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = router.settings().listen;
  router->up();
  router->replace("site", {route_by("example.com", "/", {site.server()}, "site")});
  router->replace("api", {route_by("example.com", "/api", {api.server()}, "api")});
  router->replace("next", {route_by("example.com", "/api/v2", {next.server()}, "next")});
  CHECK(visit(port, "/", "example.com").body == "site");
  CHECK(visit(port, "/apix", "example.com").body == "site");
  CHECK(visit(port, "/api", "example.com").body == "api");
  CHECK(visit(port, "/api?x=1", "example.com").body == "api");
  CHECK(visit(port, "/api/x", "Example.COM").body == "api");
  CHECK(visit(port, "/api/v2/x", fmt::format("example.com:{}", port)).body == "next");
  CHECK(visit(port, "/", "other.example.com").status == 404);
  CHECK_FALSE(visit(port, "/", "other.example.com").body.empty());
}

TEST_CASE("an app that is gone is routed no more, and others are left as they are") {
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t shop_port = free_port();
  const std::uint16_t blog_port = free_port();
  router->up();
  router->replace("shop", {route_at(shop_port, {blue.server()})});
  router->replace("blog", {route_at(blog_port, {blue.server()}, "blog")});
  router->replace("shop", {});
  CHECK(visit(shop_port).status == 0);
  CHECK(visit(blog_port).body == "blue");
  CHECK(router->table().routes.size() == 1);
}

TEST_CASE("a long request survives that traffic is moved, and is seen until it ends") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor visitor(port);
  visitor.ask("/slow");
  wait_until([&] { return blue.waiting() == 1; }, k_patience, "the request to arrive");
  CHECK(traffic_of(*router.another(), blue.server()).in_flight == 1);
  router->replace("shop", {route_at(port, {green.server()})});
  CHECK(visit(port).body == "green");
  CHECK(traffic_of(*router.another(), blue.server()).in_flight == 1);
  blue.release();
  CHECK(visitor.answer().body == "blue");
  wait_until([&] { return traffic_of(*router.another(), blue.server()).in_flight == 0; }, k_patience, "its end");
}

TEST_CASE("a websocket and a long request outlive that ways in come and go") {
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(
      GENERATE(RouterKind::haproxy, RouterKind::nginx)); // Caddy 2.6 ends websockets, as README says
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor talker(port);
  talker.ask("/websocket", k_websocket_headers);
  CHECK(talker.answer().status == 101);
  const Visitor visitor(port);
  visitor.ask("/slow");
  wait_until([&] { return blue.waiting() == 1; }, k_patience, "the request to arrive");
  router->replace("blog", {route_at(free_port(), {}, "blog")});
  router->replace("blog", {});
  CHECK(traffic_of(*router.another(), blue.server()).in_flight == 2);
  talker.say("hello\n");
  CHECK(talker.hear() == "hello\n");
  blue.release();
  CHECK(visitor.answer().body == "blue");
}

TEST_CASE("errors are counted while traffic is shared by weights") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_weighing_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server(50), green.server(50)})});
  for (int i = 0; i < 2; ++i) {
    CHECK(visit(port).status == 200);
    CHECK(visit(port, "/error").status == 500);
  }
  const auto counted = [&] {
    const auto own = router.another();
    const Traffic one = traffic_of(*own, blue.server());
    const Traffic other = traffic_of(*own, green.server());
    return std::pair(one.requests + other.requests, one.errors + other.errors);
  };
  wait_until([&] { return counted() == std::pair<std::uint64_t, std::uint64_t>(4, 2); }, k_patience,
             "all to be counted");
}

TEST_CASE("a program that does not answer is a 502") {
  Backend blue("blue");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(port, "/gone").status == 502);
  CHECK(visit(port).status == 200);
}

TEST_CASE("a router that is told to end answers what it was asked before") {
  Backend blue("blue");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor visitor(port);
  visitor.ask("/slow");
  wait_until([&] { return blue.waiting() == 1; }, k_patience, "the request to arrive");
  std::thread stopper([&] { router.another()->down(); });
  wait_until([&] { return visit(port).status == 0; }, k_patience, "the port to close");
  blue.release();
  CHECK(visitor.answer().body == "blue");
  stopper.join();
  CHECK_FALSE(router->is_running());
}

TEST_CASE("a router that was killed comes back with the table it had") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  router->replace("shop", {route_at(port, {blue.server(0), green.server(100)})});
  const RoutingTable before = router->table();
  router.kill();
  wait_until([&] { return !router->is_running(); }, k_patience, "its end");
  CHECK(router->table() == before);
  router->up();
  CHECK(router->table() == before);
  CHECK(visit(port).body == "green");
}

TEST_CASE("what several apps come to have is one change and each is asked for by itself") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t shop_port = free_port();
  const std::uint16_t blog_port = free_port();
  router->up();
  for (const Backend* backend : {&blue, &green}) { // new ways in; then other servers
    const Changes changes{{"shop", {route_at(shop_port, {backend->server()})}},
                          {"blog", {route_at(blog_port, {backend->server()}, "blog")}}};
    router->replace_all(changes);
    CHECK(visit(shop_port).body == visit(blog_port).body);
    CHECK(router->table().routes.size() == 2);
    CHECK(router->routes("shop") == changes.at("shop"));
    CHECK(router->routes("blog") == changes.at("blog"));
  }
  CHECK(visit(shop_port).body == "green");
  CHECK(router->routes("none").empty());
  CHECK_THROWS_AS(router->replace_all({{"blog", {}}, {"wiki", {route_at(shop_port, {}, "wiki")}}}), Error);
  CHECK(visit(blog_port).body == "green");
}

TEST_CASE("how many requests a container has not ended is asked for it alone") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor visitor(port);
  visitor.say("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto left = [&] { return router->in_flight("shop", blue.server().container); };
  wait_until([&] { return left() == 1; }, k_patience, "it to be counted");
  router->replace("shop", {route_at(port, {green.server()})});
  CHECK(left() == 1);
  CHECK(router->in_flight("shop", green.server().container) == 0);
  blue.release();
  wait_until([&] { return left() == 0; }, k_patience, "it to have ended");
}
