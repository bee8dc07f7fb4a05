#include "store/actions.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "what was done is listed newest first, each app for itself and no more than asked for") {
  Actions actions(m_database, m_clock);
  CHECK(actions.list("shop", 10).empty());
  actions.add({.app = "shop", .verb = "create", .who = "ann", .at = {}, .text = "the app"});
  actions.add({.app = "blog", .verb = "create", .who = "eve", .at = {}, .text = "the app"});
  m_clock.time += Milliseconds(5);
  actions.add({.app = "shop", .verb = "switch", .who = "bob", .at = {}, .text = "to green"});
  const auto found = actions.list("shop", 10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].verb == "switch");
  CHECK(found[0].who == "bob");
  CHECK(found[0].text == "to green");
  CHECK(found[0].at == m_clock.time);
  CHECK(found[1].at == m_clock.time - Milliseconds(5));
  CHECK(actions.list("shop", 1).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "what was done to an app that is gone is still known") {
  Actions actions(m_database, m_clock);
  actions.add({.app = "shop", .verb = "remove", .who = "ann", .at = {}, .text = "the app"});
  m_history.forget_app("shop");
  CHECK(actions.list("shop", 10).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "each deployment that is asked for is on record, and the history tells it by itself") {
  Actions actions(m_database, m_clock);
  Event event = event_of("shop");
  event.from = "192.0.2.1";
  const auto id = m_queue.enqueue(event, Color::blue).deployment.id;
  CHECK(actions.list("shop", 10).empty());
  const auto found = actions.audit("shop", 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].verb == "push");
  CHECK(found[0].who == "ann");
  CHECK(found[0].text == "main (bbbbbbb) to blue");
  CHECK(found[0].origin.door == Trigger::push);
  CHECK(found[0].origin.from == "192.0.2.1");
  CHECK(found[0].deployment == id);
  m_history.forget_app("shop");
  CHECK(actions.audit("shop", 10).size() == 1);
}

TEST_CASE_METHOD(StoreFixture, "a push that deploys nothing is on record, not in the history") {
  Actions actions(m_database, m_clock);
  actions.add({.app = "shop", .verb = "push", .who = "ann", .at = {}, .text = "kept"});
  CHECK(actions.list("shop", 10).empty());
  CHECK(actions.audit("shop", 10).size() == 1);
  CHECK(actions.audit("shop", 0).empty());
}

TEST_CASE_METHOD(StoreFixture,
                 "an app's record has what was granted for a pattern, and no refused words that look like one") {
  Actions actions(m_database, m_clock);
  actions.add({.app = "sh*", .verb = "key add", .who = "root", .at = {}, .text = "anna: read"});
  actions.add({.app = "*", .verb = "read", .who = "key:eve", .at = {}, .text = "history *", .refused = true});
  const auto found = actions.audit("shop", 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].app == "sh*");
  CHECK(actions.audit(std::nullopt, 10).size() == 2);
}
