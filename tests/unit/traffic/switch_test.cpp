#include "process/atomic_file.hpp"
#include "support/scripted_home.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/shift.hpp"
#include "traffic/shift_record.hpp"
#include "traffic/switch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

template <class Base>
class SwitchTest : public Base {
protected:
  SwitchResult switch_to(std::optional<Color> color, bool force = false) {
    return switch_traffic(*this->m_services, this->m_store,
                          {.app = "shop", .color = color, .who = "anna", .force = force},
                          [this](const std::string& line) { m_told.push_back(line); });
  }
  /// By halves, with two looks at the router's counts between them.
  SwitchResult shift_to(Color color, Milliseconds every = Milliseconds(1200)) {
    return shift_traffic(*this->m_services, this->m_store, {.app = "shop", .color = color, .who = "anna"},
                         {.percent = {50, 100}, .every = every, .max_errors = 1, .is_called_off = [] { return false; }},
                         [this](const std::string& line) { m_told.push_back(line); });
  }
  /// Both serve, and blue is live.
  void serve_both() {
    this->serve(Color::blue);
    this->serve(Color::green);
    this->go_live(Color::blue);
  }
  [[nodiscard]] bool is_live(Color color) const {
    return this->m_routes->behind("shop", "live") == std::vector{this->current_id(color)} &&
           this->m_store.traffic.live("shop").value().color == color;
  }

  std::vector<std::string> m_told;
};

using PlainSwitch = SwitchTest<ScriptedHome>;
using RoutedSwitch = SwitchTest<RoutedHome>;

} // namespace

TEST_CASE_METHOD(PlainSwitch, "without a router there is nothing to switch") {
  serve(Color::blue);
  CHECK_THROWS_WITH(switch_to(Color::blue), ContainsSubstring("there is no router that could move live traffic"));
}

TEST_CASE_METHOD(RoutedSwitch, "a switch moves live traffic to the idle color and the history says who did it") {
  serve_both();
  const SwitchResult result = switch_to(std::nullopt);
  CHECK(result.from == Color::blue);
  CHECK(result.to == Color::green);
  CHECK_THAT(result.address, ContainsSubstring(":50102/"));
  CHECK(is_live(Color::green));
  CHECK(m_store.traffic.live("shop").value().who == "anna");
  const auto actions = m_store.actions.list("shop", 9);
  REQUIRE(actions.size() == 1);
  CHECK(actions[0].verb == "switch");
  CHECK(actions[0].who == "anna");
  CHECK(actions[0].text == "live traffic from blue to green (bbbbbbb)");
  CHECK(m_told.empty());
}

TEST_CASE_METHOD(RoutedSwitch, "a switch to what is live already is done and nothing is written down") {
  serve_both();
  const SwitchResult result = switch_to(Color::blue);
  CHECK(result.from == result.to);
  CHECK(is_live(Color::blue));
  CHECK(m_store.actions.list("shop", 9).empty());
}

TEST_CASE_METHOD(RoutedSwitch,
                 "a color that nothing runs on, or whose container has exited, gets no traffic, forced or not") {
  const bool force = GENERATE(false, true);
  serve(Color::blue);
  go_live(Color::blue);
  CHECK_THROWS_WITH(switch_to(Color::green, force),
                    "nothing runs on green: push to it first; live traffic stays on blue");
  serve(Color::green);
  m_world->stop("shop", Color::green);
  CHECK_THROWS_WITH(switch_to(Color::green, force),
                    "'shop-green' is exited: push to green again; live traffic stays on blue");
  CHECK(is_live(Color::blue));
}

TEST_CASE_METHOD(RoutedSwitch, "a color that is not healthy gets traffic by force alone") {
  serve_both();
  m_world->at("probe " + current_id(Color::green), failing("GET / -> 500", ErrorKind::timeout));
  CHECK_THROWS_WITH(switch_to(Color::green), "green is not healthy: GET / -> 500; live traffic stays on blue; --force "
                                             "switches nevertheless");
  CHECK(is_live(Color::blue));
  CHECK(switch_to(Color::green, true).to == Color::green);
  CHECK(is_live(Color::green));
}

TEST_CASE_METHOD(RoutedSwitch, "a target that does not answer leaves live traffic where it is") {
  serve_both();
  const std::string call = GENERATE(as<std::string>(), "current shop-green", "probe shop-green-2");
  m_world->at(call, failing("no engine answers"));
  CHECK_THROWS_WITH(switch_to(Color::green), "no engine answers");
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::blue)});
  CHECK(m_store.actions.list("shop", 9).empty());
}

TEST_CASE_METHOD(RoutedSwitch, "a router that refuses leaves live traffic and what the store says of it") {
  serve_both();
  m_routes->before_change = [](const auto& /*changes*/) {
    throw Error(ErrorKind::environment, "haproxy does not answer");
  };
  CHECK_THROWS_WITH(switch_to(Color::green), "haproxy does not answer");
  CHECK(is_live(Color::blue));
  CHECK(m_store.actions.list("shop", 9).empty());
}

TEST_CASE_METHOD(RoutedSwitch,
                 "where the store is busy traffic has moved all the same and the store follows the router later") {
  serve_both();
  Database other(m_home.store());
  other.handle().exec("BEGIN IMMEDIATE");
  CHECK_THROWS_AS(switch_to(Color::green), Error);
  CHECK(m_routes->behind("shop", "live") == std::vector{current_id(Color::green)});
  CHECK(m_store.traffic.live("shop").value().color == Color::blue);
  other.handle().exec("ROLLBACK");
  CHECK(LiveTraffic(*m_services, m_store, "shop").follow_router("tealhook recover"));
  CHECK(is_live(Color::green));
  CHECK_FALSE(LiveTraffic(*m_services, m_store, "shop").follow_router("tealhook recover"));
}

TEST_CASE_METHOD(RoutedSwitch, "a switch that starts the router says so, also where it then comes to nothing") {
  serve_both();
  m_routes->is_running = false;
  m_world->at("probe " + current_id(Color::green), failing("GET / -> 500", ErrorKind::timeout));
  CHECK_THROWS_AS(switch_to(Color::green), Error);
  CHECK(m_told == std::vector<std::string>{"the router did not run: it was started"});
  CHECK(m_routes->is_running);
  CHECK_THROWS_AS(switch_to(Color::green), Error);
  CHECK(m_told.size() == 1);
}

TEST_CASE_METHOD(RoutedSwitch, "a switch calls off a gradual one that is under way, if it says where to") {
  serve_both();
  const AppFolder folder = m_home.app("shop");
  const auto at_it = FileLock::try_acquire(folder.shift_lock());
  write_shift(folder, {.who = "ada", .from = Color::blue, .to = Color::green, .percent = 50, .called_off_by = ""});
  CHECK_THROWS_WITH(switch_to(std::nullopt),
                    "the switch from blue to green by ada, at 50% is under way: say where to, tealhook switch shop "
                    "blue or green");
  const SwitchResult result = switch_to(Color::blue);
  CHECK(result.called_off == "the switch from blue to green by ada, at 50%");
  CHECK(read_shift(folder).value().called_off_by == "anna");
  CHECK(is_live(Color::blue));
  CHECK_THAT(m_store.actions.list("shop", 9).at(0).text, ContainsSubstring("all live traffic is back on blue"));
}

TEST_CASE_METHOD(RoutedSwitch, "a gradual switch whose command was killed is ended before another switch") {
  serve_both();
  const AppFolder folder = m_home.app("shop");
  write_shift(folder, {.who = "ada", .from = Color::blue, .to = Color::green, .percent = 50, .called_off_by = ""});
  CHECK(switch_to(std::nullopt).to == Color::green);
  CHECK_FALSE(read_shift(folder));
  CHECK(is_live(Color::green));
}

TEST_CASE_METHOD(RoutedSwitch, "a router that ends while it is asked for its counts is started and a shift goes on") {
  serve_both();
  int asked = 0;
  m_routes->before_counting = [&] {
    if (++asked == 2) {
      m_routes->is_running = false;
      throw Error(ErrorKind::environment, "haproxy does not answer");
    }
  };
  CHECK(shift_to(Color::green).to == Color::green);
  CHECK(asked > 2);
  CHECK(m_routes->is_running);
  CHECK(is_live(Color::green));
}

TEST_CASE_METHOD(RoutedSwitch, "a router that is taken down while it is asked for its counts ends a shift in words") {
  serve_both();
  std::filesystem::create_directories(m_home.router());
  int asked = 0;
  m_routes->before_counting = [&] {
    if (++asked == 2) {
      m_routes->is_running = false;
      write_file(m_home.router_taken_down(), "root");
      throw Error(ErrorKind::environment, "haproxy does not answer");
    }
  };
  CHECK_THROWS_WITH(shift_to(Color::green), "the router was taken down by root; start it: tealhook router up; live "
                                            "traffic goes back to blue");
  CHECK(is_live(Color::blue));
}

TEST_CASE_METHOD(RoutedSwitch, "a router that runs but gives no counts twice ends a shift") {
  serve_both();
  int asked = 0;
  m_routes->before_counting = [&] {
    if (++asked > 1) {
      throw Error(ErrorKind::environment, "haproxy does not answer");
    }
  };
  CHECK_THROWS_WITH(shift_to(Color::green), "haproxy does not answer; live traffic goes back to blue");
  CHECK(asked == 3);
  CHECK(is_live(Color::blue));
}

TEST_CASE_METHOD(RoutedSwitch, "a stage whose last look had no answer is not over before there is one") {
  serve_both();
  int asked = 0;
  m_routes->before_counting = [&] {
    if (++asked == 2) {
      throw Error(ErrorKind::environment, "haproxy does not answer");
    }
    const bool later = asked > 2;
    m_routes->counts = {{.route = "shop-live",
                         .container = current_id(Color::green),
                         .requests = later ? 20U : 10U,
                         .errors = later ? 5U : 0U}};
  };
  CHECK_THAT(shift_to(Color::green, Milliseconds(100)).went_back, ContainsSubstring("5 of 10 requests"));
  CHECK(is_live(Color::blue));
}

TEST_CASE_METHOD(RoutedSwitch, "a router that was started counts anew though it was not asked at once") {
  serve_both();
  int asked = 0;
  m_routes->before_counting = [&] {
    if (++asked == 2) {
      m_routes->is_running = false;
    }
    if (asked == 3) {
      throw Error(ErrorKind::environment, "haproxy does not answer");
    }
    m_routes->counts = {{.route = "shop-live",
                         .container = current_id(Color::green),
                         .requests = asked < 3 ? 1000U : 2000U,
                         .errors = 100}};
  };
  CHECK_THAT(shift_to(Color::green, Milliseconds(1700)).went_back, ContainsSubstring("100 of 2000 requests"));
  CHECK(is_live(Color::blue));
}
