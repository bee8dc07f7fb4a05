#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/router.hpp"
#include "support/wait_until.hpp"
#include "unit/route/router_fixture.hpp"
#include "unit/route/visitors.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("no request fails while traffic moves to and fro") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Visitors visitors(port, 4);
  for (int i = 0; i < 25; ++i) {
    router->replace("shop", {route_at(port, {green.server()})});
    router->replace("shop", {route_at(port, {blue.server()})});
  }
  visitors.send_home();
  INFO(router->status().version);
  CHECK(visitors.failures() == std::vector<std::string>{});
  CHECK(visitors.answered() >= 100);
}

TEST_CASE("no request fails while other apps come and go") {
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  const std::uint16_t other_port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  Visitors visitors(port, 4);
  for (int i = 0; i < 5; ++i) {
    router->replace("blog", {route_at(other_port, {blue.server()}, "blog")});
    router->replace("blog", {});
  }
  visitors.send_home();
  INFO(router->status().version);
  CHECK(visitors.failures() == std::vector<std::string>{});
  CHECK(visitors.answered() >= 50);
}

TEST_CASE("two processes that replace at once lose nothing of each other") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t shop_port = free_port();
  const std::uint16_t blog_port = free_port();
  router->up();
  router->replace("shop", {route_at(shop_port, {})});
  router->replace("blog", {route_at(blog_port, {}, "blog")});
  const auto alternate = [&](const std::string& app, std::uint16_t port) {
    const auto own = router.another();
    for (int i = 0; i < 10; ++i) {
      own->replace(app, {route_at(port, {green.server()}, app)});
      own->replace(app, {route_at(port, {blue.server()}, app)});
    }
  };
  std::thread other([&] { alternate("blog", blog_port); });
  alternate("shop", shop_port);
  other.join();
  CHECK(visit(shop_port).body == "blue");
  CHECK(visit(blog_port).body == "blue");
  CHECK(router->table().routes.size() == 2);
}

TEST_CASE("a taken port is refused by its number, and what was routed before still is") {
  Backend blue("blue", "127.0.0.2");
  const Listener taken;
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK_THROWS_WITH(router->replace("blog", {route_at(taken.port(), {blue.server()}, "blog")}),
                    ContainsSubstring(std::to_string(taken.port())));
  CHECK(visit(port).body == "blue");
  CHECK(router->table().routes.size() == 1);
  router->replace("blog", {route_at(free_port(), {blue.server()}, "blog")});
  CHECK(router->table().routes.size() == 2);
}

TEST_CASE("a way in that another app has is refused, and leads where it did") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  CHECK_THROWS_WITH(router->replace("blog", {route_at(port, {green.server()}, "blog")}),
                    ContainsSubstring(fmt::format("port {} is wanted by both", port)));
  for (int i = 0; i < 10; ++i) {
    CHECK(visit(port).body == "blue");
  }
}

TEST_CASE("a router whose port was taken meanwhile does not start, and says which") {
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const Listener taken;
  router->replace("shop", {route_at(taken.port(), {blue.server()})});
  CHECK_THROWS_WITH(router->up(), ContainsSubstring(std::to_string(taken.port())));
  CHECK_FALSE(router->is_running());
}

TEST_CASE("a router that is not installed is missed by name") {
  const TestRouter router(ServerSettings::Router::Kind::caddy); // the others are where servers are, in no PATH
  const TempFolder empty;
  const auto without = router.another({{"PATH", empty.path().string()}});
  CHECK_THROWS_WITH(without->up(), ContainsSubstring("is not installed"));
  CHECK_THAT(without->status().complaint, ContainsSubstring("is not installed"));
  CHECK_FALSE(without->status().running);
}

TEST_CASE("a router in a folder of servers is found whatever the PATH is") {
  using Kind = ServerSettings::Router::Kind;
  const TestRouter router(GENERATE(Kind::haproxy, Kind::nginx));
  const TempFolder empty;
  CHECK(router.another({{"PATH", empty.path().string()}})->status().complaint.empty());
}

TEST_CASE("a configuration that was changed by hand is complained of, kept, and replaced") {
  Backend blue("blue", "127.0.0.2");
  Backend green("green", "127.0.0.3");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->up();
  router->replace("shop", {route_at(port, {blue.server()})});
  const std::string file = router->status().config;
  write_file(file, "nonsense\n");
  CHECK_THAT(router->status().complaint, ContainsSubstring("changed by hand"));
  router->replace("shop", {route_at(port, {green.server()})});
  CHECK(read_file(file + ".edited") == "nonsense\n");
  CHECK(router->status().complaint.empty());
  CHECK(visit(port).body == "green");
}

TEST_CASE("a router is started with its own table where its configuration was broken by hand") {
  Backend blue("blue", "127.0.0.2");
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  const std::uint16_t port = free_port();
  router->replace("shop", {route_at(port, {blue.server()})});
  write_file(router->status().config, "nonsense\n");
  router->up();
  CHECK(visit(port).body == "blue");
}

TEST_CASE("a table that cannot be read is refused by the name of its file") {
  const TestRouter router(GENERATE(from_range(k_router_kinds)));
  router->replace("shop", {route_at(free_port(), {})});
  for (const auto& entry : std::filesystem::directory_iterator(router.folder())) {
    if (entry.path().filename().string().starts_with("routes")) {
      write_file(entry.path(), "nonsense\n");
    }
  }
  CHECK_THROWS_WITH(router->up(), ContainsSubstring("/router/routes"));
  CHECK_THROWS_WITH(router->replace("shop", {}), ContainsSubstring("/router/routes"));
}
