#include "traffic/routes.hpp"
#include "model/app.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace teal;

namespace {

engine::Container container_at(const std::string& id, const std::string& address) {
  engine::Container container;
  container.id = id;
  container.running = true;
  container.addresses[network_name("shop")] = address;
  container.labels[label::k_port] = "9000";
  return container;
}

AppSettings settings_with_ports() {
  AppSettings settings;
  settings.ports = {{Color::blue, 50101}, {Color::green, 50100}};
  settings.route.port = 50102;
  return settings;
}

const route::Route* find_door(const std::vector<route::Route>& routes, std::string_view door) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const auto& route) { return route.door == door; });
  return found == routes.end() ? nullptr : &*found;
}

const std::vector<route::Server> k_blue{{"b", "172.30.0.2", 9000, 100}};
const std::vector<route::Server> k_green{{"g", "172.30.0.3", 9000, 100}};

} // namespace

TEST_CASE("each color's port leads to its container, and the live one to the color that is live") {
  const Placement placement{
      .serving = {{Color::blue, container_at("b", "172.30.0.2")}, {Color::green, container_at("g", "172.30.0.3")}},
      .live = Color::green,
      .shares = {}};
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt, placement);
  REQUIRE(routes.size() == 3);
  CHECK(find_door(routes, "blue")->port == 50101);
  CHECK(find_door(routes, "blue")->servers == k_blue);
  CHECK(find_door(routes, "green")->servers == k_green);
  CHECK(find_door(routes, "live")->port == 50102);
  CHECK(find_door(routes, "live")->servers == k_green);
}

TEST_CASE("while traffic is shifted, the live port leads to both colors by their shares") {
  const Placement placement{
      .serving = {{Color::blue, container_at("b", "172.30.0.2")}, {Color::green, container_at("g", "172.30.0.3")}},
      .live = Color::blue,
      .shares = {{Color::blue, 90}, {Color::green, 10}}};
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt, placement);
  const std::vector<route::Server> both{{"b", "172.30.0.2", 9000, 90}, {"g", "172.30.0.3", 9000, 10}};
  CHECK(find_door(routes, "live")->servers == both);
}

TEST_CASE("a container that does not run, or is not in the app's network, gets no requests") {
  engine::Container stopped = container_at("b", "172.30.0.2");
  stopped.running = false;
  engine::Container elsewhere = container_at("g", "172.30.0.3");
  elsewhere.addresses = {{"another", "172.30.0.3"}};
  const auto routes =
      routes_for("shop", settings_with_ports(), std::nullopt,
                 {.serving = {{Color::blue, stopped}, {Color::green, elsewhere}}, .live = Color::blue, .shares = {}});
  for (const char* door : {"blue", "green", "live"}) {
    REQUIRE(find_door(routes, door) != nullptr);
    CHECK(find_door(routes, door)->servers.empty());
  }
}

TEST_CASE("a color whose container publishes its port itself has no route there") {
  engine::Container publishing = container_at("b", "172.30.0.2");
  publishing.ports = {{"0.0.0.0", 50101, 8080}};
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt,
                                 {.serving = {{Color::blue, publishing}}, .live = Color::blue, .shares = {}});
  CHECK(find_door(routes, "blue") == nullptr);
  CHECK(find_door(routes, "live")->servers == k_blue);
}

TEST_CASE("a container is asked at the port it was made with, whatever the settings say now") {
  AppSettings settings = settings_with_ports();
  settings.container_port = 3000;
  engine::Container container = container_at("b", "172.30.0.2");
  CHECK(port_of(container, settings) == 9000);
  for (const char* wrong : {"", "x", "0", "70000"}) {
    container.labels[label::k_port] = wrong;
    CHECK(port_of(container, settings) == 3000);
  }
}
