#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/generation.hpp"
#include "route/haproxy.hpp"
#include "route/haproxy_config.hpp"
#include "route/kept_file.hpp"
#include "route/table_store.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"
#include "unit/route/visitors.hpp"

#include <future>

using namespace teal;
using namespace teal::route;

namespace {

struct HaproxyFixture {
  HaproxyFixture() { router->up(); }

  Backend blue{"blue", "127.0.0.2"};
  Backend green{"green", "127.0.0.3"};
  const TestRouter router{RouterKind::haproxy};
  const std::uint16_t port = free_port();
};

} // namespace

TEST_CASE_METHOD(HaproxyFixture, "what somebody changed at HAProxy's socket is what its table says") {
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

TEST_CASE_METHOD(HaproxyFixture, "HAProxy's written configuration is equal to what it runs with") {
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

TEST_CASE_METHOD(HaproxyFixture, "HAProxy forgets a server that has left once no request can come back to it") {
  router->replace("shop", {route_at(port, {blue.server()})});
  const HaproxySocket socket(router.folder() / "admin.sock");
  const auto knows_blue = [&] {
    router->replace("shop", {route_at(port, {green.server()})});
    return socket.ask("show servers state shop-live").find("127.0.0.2") != std::string::npos;
  };
  CHECK(knows_blue());
  wait_until([&] { return !knows_blue(); }, std::chrono::seconds(60), "HAProxy to forget the server that left");
}

TEST_CASE("a request that waits for another attempt to connect outlives the server it waits for") {
  Backend green("green", "127.0.0.3");
  const TestRouter router(RouterKind::haproxy);
  const std::uint16_t port = free_port();
  const Server closed{.container = std::string(64, 'c'), .address = "127.0.0.2", .port = free_port()};
  router->up();
  router->replace("shop", {route_at(port, {closed})});
  const int pid = router->status().pid;
  for (int round = 0; round < 3; ++round) {
    router->replace("shop", {route_at(port, {closed})});
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 20; ++i) {
      answers.push_back(std::async(std::launch::async, [&] { return visit(port).body; }));
    }
    const HaproxySocket socket(router.folder() / "admin.sock");
    wait_until([&] { return socket.ask("show sess").find("srv=c-") != std::string::npos; }, std::chrono::seconds(10),
               "requests to wait");
    router->replace("shop", {route_at(port, {green.server()})});
    router->replace("shop", {route_at(port, {green.server()})});
    for (auto& answer : answers) {
      CHECK(answer.get() == "green");
    }
  }
  CHECK(router->status().pid == pid);
}

TEST_CASE("HAProxy has no configuration of somebody else's to be included from") {
  const TestRouter router(RouterKind::haproxy);
  ServerSettings::Router settings = router.settings();
  settings.config = "/etc/haproxy/haproxy.cfg";
  CHECK_THROWS_WITH(make_router(settings, router.folder(), router_environment()), ContainsSubstring("router.config"));
}

TEST_CASE_METHOD(HaproxyFixture, "a change of HAProxy's that cannot be counted before is not made") {
  namespace fs = std::filesystem;
  const std::uint16_t other_port = free_port();
  router->replace("shop", {route_at(port, {blue.server(50), green.server(50)})});
  const fs::path socket = router.folder() / "master.sock";
  fs::rename(socket, socket.string() + ".away");
  CHECK_THROWS_AS(router->replace("blog", {route_at(other_port, {blue.server()}, "blog")}), Error);
  fs::rename(socket.string() + ".away", socket);
  CHECK(routes_of(router->table(), "blog").empty());
  router->replace("blog", {route_at(other_port, {blue.server()}, "blog")});
  CHECK(visit(other_port).body == "blue");
}

TEST_CASE_METHOD(HaproxyFixture, "what HAProxy counts while traffic is shared goes on when other apps come and go") {
  router->replace("shop", {route_at(port, {blue.server(50), green.server(50)})});
  const auto watcher = router.another();
  const auto ask = [&] {
    for (int i = 0; i < 3; ++i) {
      CHECK(visit(port).status == 200);
      CHECK(visit(port, "/error").status == 500);
    }
  };
  const auto both = [&](Router& seen) {
    const Traffic one = traffic_of(seen, blue.server());
    const Traffic other = traffic_of(seen, green.server());
    return std::pair(one.requests + other.requests, one.errors + other.errors);
  };
  std::uint64_t rounds = 0;
  for (const char* app : {"blog", "wiki", "mail"}) {
    ask();
    ++rounds;
    wait_until([&] { return both(*watcher) == std::pair(6 * rounds, 3 * rounds); }, std::chrono::seconds(10),
               "all to be counted");
    router->replace(app, {route_at(free_port(), {blue.server()}, app)});
    CHECK(both(*watcher) == std::pair(6 * rounds, 3 * rounds));
    CHECK(both(*router.another()) == std::pair(6 * rounds, 3 * rounds));
  }
}

TEST_CASE_METHOD(HaproxyFixture, "one container's requests are counted through every worker that still ends some") {
  router->replace("shop", {route_at(port, {blue.server()})});
  const Visitor old(port);
  old.say("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto counted = [&](const Server& server) { return router->in_flight("shop", server.container); };
  wait_until([&] { return counted(blue.server()) == 1; }, std::chrono::seconds(10), "the first to be counted");
  router->replace("blog", {route_at(free_port(), {}, "blog")}); // a new worker
  const Visitor now(port);
  now.say("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  wait_until([&] { return counted(blue.server()) == 2; }, std::chrono::seconds(10), "both to be counted");
  CHECK(counted(green.server()) == 0);
  blue.release();
}

TEST_CASE("an app's servers stand in HAProxy's configuration in the place of those it had and no other's change") {
  const auto route_to = [](const std::string& app, const std::string& address) {
    return route_at(0, {{.container = std::string(64, 'a'), .address = address, .port = 80}}, app);
  };
  const RoutingTable before{{route_to("blog", "10.0.0.1"), route_to("shop", "10.0.0.2"), route_to("wiki", "10.0.0.3")}};
  const std::string text = haproxy_config(before, {}, "/srv/router", 7);
  for (const std::string app : {"blog", "shop", "wiki"}) {
    const std::vector<Route> moved{route_to(app, "10.0.0.9")};
    CHECK(with_servers(text, moved) == haproxy_config(with_routes(before, app, moved), {}, "/srv/router", 7));
  }
  CHECK_FALSE(with_servers(text, {route_to("new", "10.0.0.9")}));
  CHECK(with_servers(text, {route_at(0, {}, "new")}) == text);
  CHECK_FALSE(with_servers("", {route_to("shop", "10.0.0.9")}));
}

TEST_CASE_METHOD(HaproxyFixture, "an app's first server is served without a request of another app lost") {
  const std::uint16_t other_port = free_port();
  router->replace("my-blog", {route_at(other_port, {}, "my-blog")});
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK(visit(other_port).body == "my-blog: no container serves live now\n");
  const Visitor visitor(port);
  visitor.ask("/slow");
  wait_until([&] { return blue.waiting() == 1; }, std::chrono::seconds(10), "the request to arrive");
  router->replace("my-blog", {route_at(other_port, {green.server()}, "my-blog")});
  CHECK(visit(other_port).body == "green");
  CHECK(visit(port).body == "blue");
  blue.release();
  CHECK(visitor.answer().body == "blue");
  router->replace("my-blog", {route_at(other_port, {}, "my-blog")});
  CHECK(visit(other_port).body == "my-blog: no container serves live now\n");
}

TEST_CASE_METHOD(HaproxyFixture, "a configuration that HAProxy was never told of is taken over with the next change") {
  router->replace("shop", {route_at(port, {blue.server()})});
  // As whoever is killed between the two leaves it.
  const std::vector<Route> untold{route_at(free_port(), {green.server()}, "blog")};
  const RoutingTable table = with_routes(router->table(), "blog", untold);
  const std::filesystem::path config = router->status().config;
  write_generated(config, haproxy_config(table, router.settings(), router.folder(), generation_of(config) + 1));
  TableStore(router.folder()).write(table);
  router->replace("blog", untold);
  CHECK(visit(untold.front().port).body == "green");
  CHECK(visit(port).body == "blue");
}
