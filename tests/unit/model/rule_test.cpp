#include "model/rule.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace teal;

namespace {

const Destination k_heroku = Destination::parse("heroku").value();

std::vector<Rule> rules() {
  return {{.kind = Rule::Kind::branch, .pattern = "wip-*", .deploys = false, .destination = {}},
          {.kind = Rule::Kind::branch, .pattern = "main", .destination = Destination::live()},
          {.kind = Rule::Kind::branch, .pattern = "*", .destination = {}},
          {.kind = Rule::Kind::tag, .pattern = "release-*", .destination = k_heroku}};
}

Decision at(std::string_view ref, bool is_fixed = false) {
  return decide(ref, rules(), {.destination = Color::green, .is_fixed = is_fixed});
}

} // namespace

TEST_CASE("the first rule that matches decides and says which it was") {
  CHECK(at("refs/heads/main").destination == Destination::live());
  CHECK(at("refs/heads/main").rule == 1);
  CHECK(at("refs/heads/main").why == "rule 2 (branch main) goes to live");
  CHECK(at("refs/tags/release-1").destination == k_heroku);
}

TEST_CASE("a rule without a destination leaves it to the door") {
  CHECK(at("refs/heads/topic").destination == Color::green);
  CHECK(at("refs/heads/topic").rule == 2);
}

TEST_CASE("a rule may say that nothing is deployed") {
  const Decision decision = at("refs/heads/wip-1");
  CHECK_FALSE(decision.destination);
  CHECK(decision.rule == 0);
  CHECK(decision.why == "rule 1 (branch wip-*) deploys nothing");
}

TEST_CASE("at a door whose destination is fixed a rule says only whether but its target wins") {
  CHECK(at("refs/heads/main", true).destination == Color::green);
  CHECK(at("refs/tags/release-1", true).destination == k_heroku);
  CHECK_FALSE(at("refs/heads/wip-1", true).destination);
}

TEST_CASE("what no rule matches is not deployed and it is said what is") {
  CHECK_FALSE(at("refs/tags/v1").destination);
  CHECK_FALSE(at("refs/tags/v1").rule);
  CHECK(at("refs/tags/v1").why == "deployed are release-*");
  CHECK(at("refs/heads/a/b").why == "deployed are main, *");
  CHECK(decide("refs/tags/v1", {}, {.destination = Color::blue}).why == "tags are not deployed here");
  CHECK(decide("refs/heads/v1", {}, {.destination = Color::blue}).why == "no branch is");
}

TEST_CASE("a tag is not taken for a branch of its name nor the other way round") {
  CHECK_FALSE(at("refs/tags/main").destination);
  CHECK_FALSE(at("refs/heads/release/1").rule);
  CHECK_FALSE(at("main").destination);
}

TEST_CASE("each rule says what it makes of a ref and why and the first that matches decides") {
  const auto verdicts = judge("refs/heads/main", rules(), {.destination = Color::green});
  REQUIRE(verdicts.size() == 4);
  CHECK(verdicts[0].kind == RuleVerdict::Kind::differs);
  CHECK(verdicts[0].rule == "rule 1 (branch wip-*)");
  CHECK(verdicts[0].why == "'main' does not match");
  CHECK(verdicts[1].kind == RuleVerdict::Kind::decides);
  CHECK(verdicts[1].why == "goes to live");
  CHECK(verdicts[2].kind == RuleVerdict::Kind::unasked);
  CHECK(verdicts[2].why == "rule 2 decides");
}

TEST_CASE("a rule of the other kind says so and one that deploys nothing decides, too") {
  const auto of_tag = judge("refs/tags/v1", rules(), {.destination = Color::green});
  CHECK(of_tag[1].why == "'v1' is a tag");
  CHECK(of_tag[3].why == "'v1' does not match");
  CHECK(std::none_of(of_tag.begin(), of_tag.end(),
                     [](const RuleVerdict& one) { return one.kind == RuleVerdict::Kind::decides; }));
  CHECK(judge("refs/heads/wip-1", rules(), {.destination = Color::green})[0].why == "deploys nothing");
  CHECK(judge("refs/notes/x", rules(), {.destination = Color::green})[0].why ==
        "'refs/notes/x' is neither a branch nor a tag");
}
