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

TEST_CASE("rules take the place of the branches and the first that matches decides") {
  AppSettings settings;
  settings.rules = {{.branch = "main", .tag = "", .deploy = "live"},
                    {.branch = "wip/*", .tag = "", .deploy = "none"},
                    {.branch = "**", .tag = "", .deploy = "idle"},
                    {.branch = "", .tag = "v*", .deploy = "green"}};
  const std::vector<Rule> rules = rules_of(settings);
  const OwnDestination own{.destination = Color::blue};
  CHECK(decide("refs/heads/main", rules, own).destination == Destination::live());
  CHECK_FALSE(decide("refs/heads/wip/x", rules, own).destination);
  CHECK(decide("refs/heads/feature/y", rules, own).destination == Destination::idle());
  CHECK(decide("refs/tags/v1", rules, own).destination == Destination(Color::green));
  CHECK_FALSE(decide("refs/tags/w1", rules, own).destination);
}
