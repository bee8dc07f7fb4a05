#include "core/error.hpp"
#include "route/table_json.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::route;

namespace {

RoutingTable full_table() {
  const Server old{.container = std::string(64, 'a'), .address = "172.18.0.2", .port = 8080, .weight = 90};
  const Server next{.container = std::string(64, 'b'), .address = "172.18.0.3", .port = 8081, .weight = 0};
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
