#include "support/catch.hpp"
#include "traffic/routes.hpp"

#include <algorithm>

using namespace teal;

namespace {

Running running_at(const std::string& id, const std::string& address) {
  Running running;
  running.id = id;
  running.runs = true;
  running.address = address;
  running.port = 9000;
  return running;
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
      .serving = {{Color::blue, running_at("b", "172.30.0.2")}, {Color::green, running_at("g", "172.30.0.3")}},
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
      .serving = {{Color::blue, running_at("b", "172.30.0.2")}, {Color::green, running_at("g", "172.30.0.3")}},
      .live = Color::blue,
      .shares = {{Color::blue, 90}, {Color::green, 10}}};
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt, placement);
  const std::vector<route::Server> both{{"b", "172.30.0.2", 9000, 90}, {"g", "172.30.0.3", 9000, 10}};
  CHECK(find_door(routes, "live")->servers == both);
}

TEST_CASE("what does not run or cannot be reached by a router gets no requests") {
  Running stopped = running_at("b", "172.30.0.2");
  stopped.runs = false;
  const Running elsewhere = running_at("g", "");
  const auto routes =
      routes_for("shop", settings_with_ports(), std::nullopt,
                 {.serving = {{Color::blue, stopped}, {Color::green, elsewhere}}, .live = Color::blue, .shares = {}});
  for (const char* door : {"blue", "green", "live"}) {
    REQUIRE(find_door(routes, door) != nullptr);
    CHECK(find_door(routes, door)->servers.empty());
  }
}

TEST_CASE("a color that has its port itself has no route there") {
  Running publishing = running_at("b", "172.30.0.2");
  publishing.published = 50101;
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt,
                                 {.serving = {{Color::blue, publishing}}, .live = Color::blue, .shares = {}});
  CHECK(find_door(routes, "blue") == nullptr);
  CHECK(find_door(routes, "live")->servers == k_blue);
}

TEST_CASE("what runs is asked at the port it was made with and at the usual one where none is known") {
  AppSettings settings = settings_with_ports();
  settings.container_port = 3000;
  Running running = running_at("b", "172.30.0.2");
  const auto port_of_blue = [&] {
    const auto routes =
        routes_for("shop", settings, std::nullopt, {.serving = {{Color::blue, running}}, .live = {}, .shares = {}});
    return find_door(routes, "blue")->servers.at(0).port;
  };
  CHECK(port_of_blue() == 9000);
  running.port = 0;
  CHECK(port_of_blue() == k_usual_port);
}

TEST_CASE("replicas share the requests of their color evenly") {
  Running blue = running_at("b", "172.30.0.2");
  blue.replicas = {running_at("b2", "172.30.0.4"), running_at("b3", "")};
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt,
                                 {.serving = {{Color::blue, blue}}, .live = Color::blue, .shares = {}});
  const std::vector<route::Server> both{{"b", "172.30.0.2", 9000, 100, true}, {"b2", "172.30.0.4", 9000, 100, true}};
  for (const char* door : {"blue", "live"}) {
    CHECK(find_door(routes, door)->servers == both);
  }
}

TEST_CASE("while traffic is shifted, a color has its share however many replicas each has") {
  Running blue = running_at("b", "172.30.0.2");
  for (int i = 2; i <= 10; ++i) {
    blue.replicas.push_back(running_at("b" + std::to_string(i), "172.30.0." + std::to_string(i + 10)));
  }
  const auto routes = routes_for("shop", settings_with_ports(), std::nullopt,
                                 {.serving = {{Color::blue, blue}, {Color::green, running_at("g", "172.30.0.3")}},
                                  .live = Color::blue,
                                  .shares = {{Color::blue, 75}, {Color::green, 25}}});
  const route::Route& live = *find_door(routes, "live");
  CHECK(route::is_counted(live));
  double of_blue = 0;
  double all = 0;
  for (const route::Server& server : live.servers) {
    CHECK(server.weight >= 1);
    CHECK(server.weight <= route::k_most_weight);
    of_blue += server.container == "g" ? 0 : server.weight;
    all += server.weight;
  }
  CHECK(of_blue / all == Approx(0.75).margin(0.01));
}
