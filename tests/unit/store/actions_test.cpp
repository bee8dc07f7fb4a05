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
