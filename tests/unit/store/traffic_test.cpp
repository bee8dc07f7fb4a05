#include "store/actions.hpp"
#include "store/traffic.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

Live live_on(Color color, std::int64_t release, const std::string& app = "shop") {
  return {.app = app,
          .color = color,
          .release = release,
          .deployment = release + 10,
          .commit = std::string(40, 'c'),
          .who = "ann",
          .at = {}};
}

} // namespace

TEST_CASE_METHOD(StoreFixture, "what is live is what traffic was moved to last, each app for itself") {
  TrafficLog traffic(m_database, m_clock);
  CHECK_FALSE(traffic.live("shop"));
  traffic.move(live_on(Color::blue, 1));
  traffic.move(live_on(Color::green, 2));
  traffic.move(live_on(Color::blue, 9, "blog"));
  const Live live = traffic.live("shop").value();
  CHECK(live.color == Color::green);
  CHECK(live.release == 2);
  CHECK(live.deployment == 12);
  CHECK(live.commit == std::string(40, 'c'));
  CHECK(live.who == "ann");
  CHECK(live.at == m_clock.time);
  const auto history = traffic.history("shop", 10);
  REQUIRE(history.size() == 2);
  CHECK(history.back().color == Color::blue);
  CHECK(traffic.history("shop", 1).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "a freeze lasts until it is removed, and a later one takes its place") {
  TrafficLog traffic(m_database, m_clock);
  CHECK_FALSE(traffic.remove_freeze("shop", "ada"));
  traffic.set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}});
  traffic.set_freeze({.app = "shop", .who = "bob", .why = "an incident", .at = {}});
  const Freeze freeze = traffic.freeze("shop").value();
  CHECK(freeze.who == "bob");
  CHECK(freeze.why == "an incident");
  CHECK(freeze.at == m_clock.time);
  CHECK_FALSE(traffic.freeze("blog"));
  CHECK(traffic.remove_freeze("shop", "ada"));
  CHECK_FALSE(traffic.freeze("shop"));
}

TEST_CASE_METHOD(StoreFixture, "who froze an app and who ended that is in its history once each") {
  TrafficLog traffic(m_database, m_clock);
  traffic.remove_freeze("shop", "eve");
  traffic.set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}});
  traffic.remove_freeze("shop", "bob");
  traffic.remove_freeze("shop", "eve");
  const auto actions = Actions(m_database, m_clock).list("shop", 10);
  REQUIRE(actions.size() == 2);
  CHECK(actions[0].verb == "unfreeze");
  CHECK(actions[0].who == "bob");
  CHECK(actions[1].verb == "freeze");
  CHECK(actions[1].who == "ann");
  CHECK(actions[1].text == "stocktaking");
}

TEST_CASE_METHOD(StoreFixture, "an app that is forgotten leaves neither a live color nor a freeze") {
  TrafficLog traffic(m_database, m_clock);
  traffic.move(live_on(Color::blue, 1));
  traffic.set_freeze({.app = "shop", .who = "ann", .why = "stocktaking", .at = {}});
  m_history.forget_app("shop");
  CHECK_FALSE(traffic.live("shop"));
  CHECK_FALSE(traffic.freeze("shop"));
}
