#include "core/error.hpp"
#include "route/table_json.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::route;

namespace {

RoutingTable full_table() {
  const Server old{.container = std::string(64, 'a'), .address = "172.18.0.2", .port = 8080, .weight = 90};
  const Server next{
      .container = std::string(64, 'b'), .address = "172.18.0.3", .port = 8081, .weight = 0, .has_peers = true};
  return {
      {Route{.app = "shop",
             .door = "live",
             .bind = "::",
             .port = 8000,
             .hosts = {"shop.example.com", "www.example.com"},
             .path = "/api",
             .tls = Tls{.certificate = "/etc/shop.crt", .key = "/etc/shop.key", .digest = "abc", .automatic = false},
             .servers = {old, next}},
       Route{.app = "shop",
             .door = "blue",
             .bind = "127.0.0.1",
             .port = 50101,
             .hosts = {},
             .path = "/",
             .tls = std::nullopt,
             .servers = {}}}};
}

} // namespace

TEST_CASE("a routing table is read back as it was written") {
  CHECK(parse_table(to_json(full_table()), "routes.json") == full_table());
  CHECK(parse_table(to_json({}), "routes.json") == RoutingTable());
}

TEST_CASE("what is no routing table is refused by the name of its file") {
  const std::string whole = to_json(full_table());
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{\"routes\": 3}"),
        std::string("{\"routes\": [{\"app\": \"shop\"}]}"), whole.substr(0, whole.size() / 2)}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_table(text, "/srv/routes.json"), "'/srv/routes.json' is no routing table of ours");
  }
}

TEST_CASE("a routing table with a number out of range is refused") {
  std::string text = to_json(full_table());
  text.replace(text.find("50101"), 5, "70000");
  CHECK_THROWS_AS(parse_table(text, "routes.json"), Error);
}

TEST_CASE("one app's routes are read and replaced among those of others whose names begin as its own") {
  const auto routes_of_app = [](const std::string& app) {
    std::vector<Route> routes(2);
    routes[0] = {.app = app, .door = "blue", .bind = "::", .port = 1};
    routes[1] = {.app = app, .door = "live", .bind = "::", .port = 2};
    return routes;
  };
  const Changes all{{"shop", routes_of_app("shop")}, {"shop-c", routes_of_app("shop-c")}, {"s", routes_of_app("s")}};
  const std::string text = to_json(with_changes(RoutingTable(), all));
  CHECK(parse_table_of(text, "routes.json", {{"shop", {}}}).routes == all.at("shop"));
  CHECK(parse_table_of(text, "routes.json", {{"none", {}}}).routes.empty());

  auto changed = routes_of_app("shop");
  changed.pop_back();
  const std::string after = with_changes(text, "routes.json", {{"shop", changed}, {"s", {}}, {"new", all.at("s")}});
  CHECK(parse_table_of(after, "routes.json", {{"shop", {}}}).routes == changed);
  CHECK(parse_table_of(after, "routes.json", {{"shop-c", {}}}).routes == all.at("shop-c"));
  CHECK(parse_table(after, "routes.json").routes.size() == 5);
  CHECK(parse_table(with_changes(to_json({}), "routes.json", all), "routes.json").routes.size() == 6);
  CHECK(parse_table(with_changes(text, "routes.json", {{"shop", {}}, {"shop-c", {}}, {"s", {}}}), "x") ==
        RoutingTable());
}

TEST_CASE("a table that an earlier tealhook wrote in one line is read and changed") {
  std::string text = to_json(full_table());
  std::erase(text, '\n');
  CHECK(parse_table_of(text, "routes.json", {{"shop", {}}}).routes.size() == 2);
  CHECK(parse_table(with_changes(text, "routes.json", {{"shop", {}}}), "routes.json") == RoutingTable());
  CHECK_THROWS_WITH(with_changes("nonsense", "/srv/routes.json", {}), "'/srv/routes.json' is no routing table of ours");
}
