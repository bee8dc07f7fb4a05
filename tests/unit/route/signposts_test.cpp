#include "core/error.hpp"
#include "route/signposts.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::route;

namespace {

namespace fs = std::filesystem;

Server server_at(const std::string& address, unsigned weight = 100) {
  return {.container = std::string(64, 'a'), .address = address, .port = 8080, .weight = weight};
}

Route route_to(const std::string& door, std::vector<Server> servers, const std::string& app = "shop") {
  Route route;
  route.app = app;
  route.door = door;
  route.servers = std::move(servers);
  return route;
}

std::size_t entries_of(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a signpost names the one server that takes requests, a group of several, or nobody") {
  CHECK(target_of(route_to("live", {server_at("10.0.0.2"), server_at("10.0.0.3", 0)})) == "10.0.0.2:8080");
  const Route both = route_to("live", {server_at("10.0.0.2"), server_at("10.0.0.3")});
  CHECK(group_of(both).starts_with("shop-live."));
  CHECK(target_of(both) == group_of(both) + "@10.0.0.2:8080");
  CHECK(group_of(both) != group_of(route_to("live", {server_at("10.0.0.2"), server_at("10.0.0.3", 50)})));
  CHECK(target_of(route_to("live", {server_at("10.0.0.2", 0)})).empty());
  CHECK(target_of(route_to("live", {})).empty());
}

TEST_CASE("who resolves a signpost's link and who lists its folder finds the same server") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  const Route live = route_to("live", {server_at("10.0.0.2")});
  const Route blue = route_to("blue", {});
  signposts.set("shop", {blue, live});
  CHECK(fs::canonical(signposts.link(live)).filename() == "10.0.0.2:8080");
  CHECK(fs::exists(signposts.list(live) / "10.0.0.2:8080"));
  CHECK(entries_of(signposts.list(live)) == 1);
  CHECK(entries_of(signposts.list(blue)) == 0);
  CHECK(fs::canonical(signposts.link(blue)).filename() == "blue");
  CHECK(signposts.routes("shop") == std::vector<Route>{blue, live});
}

TEST_CASE("what is being read while a signpost is turned stays until the next turn") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  Route live = route_to("live", {server_at("10.0.0.2")});
  signposts.set("shop", {live});
  const fs::path being_read = fs::canonical(signposts.link(live));
  live.servers = {server_at("10.0.0.3")};
  signposts.set("shop", {live});
  CHECK(fs::canonical(signposts.link(live)).filename() == "10.0.0.3:8080");
  CHECK(fs::exists(being_read));
  live.servers = {server_at("10.0.0.4")};
  signposts.set("shop", {live});
  CHECK_FALSE(fs::exists(being_read));
}

TEST_CASE("what a killed process left half-made is in nobody's way") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  Route live = route_to("live", {server_at("10.0.0.2")});
  signposts.set("shop", {live});
  fs::create_directories(folder.path() / "shop.2/to/live");
  fs::create_symlink("shop.2", folder.path() / ".shop");
  CHECK(signposts.routes("shop") == std::vector<Route>{live});
  live.servers = {server_at("10.0.0.3")};
  signposts.set("shop", {live});
  CHECK(fs::canonical(signposts.link(live)).filename() == "10.0.0.3:8080");
  CHECK_FALSE(fs::exists(folder.path() / "shop.2"));
}

TEST_CASE("signposts of apps that are gone are taken down, and those of others stay") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  const Route shop = route_to("live", {server_at("10.0.0.2")});
  const Route blog = route_to("live", {server_at("10.0.0.9")}, "blog");
  signposts.set("shop", {shop});
  signposts.set("blog", {blog});
  signposts.set("shop", {});
  CHECK(signposts.routes("shop").empty());
  CHECK(signposts.routes("blog") == std::vector<Route>{blog});
  signposts.set_all({{shop}});
  CHECK(signposts.routes("shop") == std::vector<Route>{shop});
  CHECK(signposts.routes("blog").empty());
  const RoutingTable followed = signposts.followed({{blog, route_to("live", {})}});
  CHECK(followed.routes.at(0).servers.empty());
  CHECK(followed.routes.at(1).servers == shop.servers);
}

TEST_CASE("a signpost that cannot be turned is told, and points where it did") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  Route live = route_to("live", {server_at("10.0.0.2")});
  signposts.set("shop", {live});
  fs::create_directories(folder.path() / ".shop/in the way");
  live.servers = {server_at("10.0.0.3")};
  CHECK_THROWS_WITH(signposts.set("shop", {live}), ContainsSubstring("cannot move the traffic of 'shop'"));
  CHECK(fs::canonical(signposts.link(live)).filename() == "10.0.0.2:8080");
}

TEST_CASE("where one of several signposts cannot be turned all lead where they did") {
  const TempFolder folder;
  const Signposts signposts(folder.path());
  const Route shop = route_to("live", {server_at("10.0.0.2")});
  const RoutingTable before{{shop}};
  signposts.set_all(before);
  fs::create_directories(folder.path() / "wiki" / "in the way");
  const Route wiki = route_to("live", {server_at("10.0.0.4")}, "wiki");
  CHECK_THROWS_AS(signposts.set_some({{"shop", {route_to("live", {server_at("10.0.0.3")})}}, {"wiki", {wiki}}}, before),
                  Error);
  CHECK(signposts.routes("shop") == std::vector<Route>{shop});
}
