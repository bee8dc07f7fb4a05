#include "route/connection_counter.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/outgoing_connection.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::route;

namespace {

class CounterTest {
protected:
  [[nodiscard]] Server server(const std::string& container, const Listener& listener) const {
    return {container, "127.0.0.1", listener.port(), 100};
  }
  static Route route(const std::string& door, std::vector<Server> servers) {
    return {.app = "shop", .door = door, .bind = "127.0.0.1", .port = 50102, .servers = std::move(servers)};
  }

  TempFolder m_folder;
  ConnectionCounter m_counter{m_folder.path()};
  Listener m_blue;
  Listener m_green;
};

} // namespace

TEST_CASE_METHOD(CounterTest, "a container's connections are counted once, for the live route where it has that") {
  const std::vector<Route> present{route("blue", {server("b", m_blue)}), route("live", {server("b", m_blue)})};
  const OutgoingConnection first(m_blue.port());
  const OutgoingConnection second(m_blue.port());
  const OutgoingConnection other(m_green.port());
  const auto all = m_counter.count("shop", present);
  REQUIRE(all.size() == 2);
  CHECK(all[0].route == "shop-live");
  CHECK(all[0].in_flight == 2);
  CHECK(all[1].route == "shop-blue");
  CHECK(all[1].in_flight == 0);
  CHECK(m_counter.count_one("shop", "b", present) == 2);
  CHECK(m_counter.count_one("shop", "unknown", present) == 0);
}

TEST_CASE_METHOD(CounterTest,
                 "what a change sends away is counted on until the next one and what stays is not counted twice") {
  const RoutingTable before{{route("blue", {server("b", m_blue)}), route("live", {server("b", m_blue)})}};
  const std::vector<Route> after{route("blue", {}), route("live", {server("g", m_green)})};
  const OutgoingConnection old(m_blue.port());
  m_counter.note_changes({{"shop", after}}, before);
  CHECK(m_counter.count_one("shop", "b", after) == 1);
  const auto all = m_counter.count("shop", after);
  REQUIRE(all.size() == 2); // behind two routes, it leaves once
  CHECK(all[0].container == "g");
  CHECK(all[1].container == "b");
  CHECK(all[1].in_flight == 1);

  m_counter.note_changes({{"shop", after}}, {after});
  CHECK(m_counter.count("shop", after).size() == 1);
  CHECK(m_counter.count_one("shop", "b", after) == 0);
}

TEST_CASE_METHOD(CounterTest, "what leaves one app stays counted while another one's routes change") {
  const RoutingTable before{{route("live", {server("b", m_blue)})}};
  m_counter.note_changes({{"shop", {}}}, before);
  const OutgoingConnection old(m_blue.port());
  m_counter.note_changes({{"blog", {}}}, {});
  CHECK(m_counter.count_one("shop", "b", {}) == 1);
}
