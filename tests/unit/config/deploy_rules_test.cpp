#include "config/deploy_rules.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("each of the branches is a rule in their order and leaves the destination to the door") {
  AppSettings settings;
  settings.branches = {"main", "release/1"};
  const std::vector<Rule> rules = rules_of(settings);
  REQUIRE(rules.size() == 2);
  CHECK(decide("refs/heads/release/1", rules, {.destination = Color::green}).rule == 1);
  CHECK(decide("refs/heads/main", rules, {.destination = Color::green}).destination == Color::green);
  CHECK_FALSE(decide("refs/heads/release/2", rules, {.destination = Color::green}).destination);
}
