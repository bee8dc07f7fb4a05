#include "core/error.hpp"
#include "store/permission.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

const Principal k_anna{.kind = Principal::Kind::ssh_key,
                       .name = "anna",
                       .grants = {{.app = "shop", .verbs = {Verb::push}}},
                       .origin = {.door = Trigger::push, .from = "192.0.2.1"}};

} // namespace

TEST_CASE_METHOD(StoreFixture, "what is refused is on record with who, whence and what for, and what is not is not") {
  Actions actions(m_database, m_clock);
  CHECK_NOTHROW(require_may(actions, k_anna, "shop", Verb::push));
  CHECK(actions.audit(std::nullopt, 10).empty());
  CHECK_THROWS_WITH(require_may(actions, k_anna, "shop", Verb::rollback, "rollback shop\x1b[2J"),
                    "key:anna may not 'rollback' app 'shop': it was not granted that");
  const auto found = actions.audit("shop", 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].refused);
  CHECK(found[0].verb == "rollback");
  CHECK(found[0].who == "key:anna");
  CHECK(found[0].origin.door == Trigger::push);
  CHECK(found[0].origin.from == "192.0.2.1");
  CHECK(found[0].text == "rollback shop?[2J");
  CHECK(actions.list("shop", 10).empty());
}

TEST_CASE_METHOD(StoreFixture, "whoever may is let through and a stranger's text is cut before it is kept") {
  Actions actions(m_database, m_clock);
  CHECK(allows(actions, k_anna, "shop", Verb::push));
  CHECK_FALSE(allows(actions, k_anna, std::string(5000, 'x'), Verb::push, std::string(5000, 'y')));
  const auto found = actions.audit(std::nullopt, 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].app.size() == 200);
  CHECK(found[0].text.size() == 200);
}
