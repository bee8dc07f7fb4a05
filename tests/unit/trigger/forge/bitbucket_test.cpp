#include "unit/trigger/forge/forge_fixture.hpp"

using namespace teal;
using webhook::DeliveryKind;

namespace {

http::HeaderList headers_of(const std::string& event) {
  return {{"X-Event-Key", event}, {"X-Request-UUID", "e1b3"}};
}

std::string side(const std::string& type, const std::string& name, const std::string& commit) {
  return fmt::format(R"({{"type":"{}","name":"{}","target":{{"hash":"{}","message":"m"}}}})", type, name, commit);
}

std::string push_of(const std::string& changes) {
  return fmt::format(
      R"({{"push":{{"changes":[{}]}},"actor":{{"nickname":"ann"}},"repository":{{"full_name":"team/shop",)"
      R"("links":{{"html":{{"href":"https://bitbucket.org/team/shop"}}}}}}}})",
      changes);
}

} // namespace

TEST_CASE("a push of Bitbucket is a delivery for each ref") {
  const std::string body =
      push_of(fmt::format(R"({{"old":{},"new":{},"forced":true}},{{"old":null,"new":{}}},{{"old":{},"new":null}})",
                          side("branch", "main", k_old), side("branch", "main", k_new), side("tag", "v1", k_new),
                          side("branch", "gone", k_old)));
  const auto deliveries = webhook::find_forge("bitbucket")->parse(headers_of("repo:push"), body);
  REQUIRE(deliveries.size() == 3);
  CHECK(deliveries[0].kind == DeliveryKind::push);
  CHECK(deliveries[0].id == "e1b3");
  CHECK(deliveries[0].ref == "refs/heads/main");
  CHECK(deliveries[0].old_commit == k_old);
  CHECK(deliveries[0].new_commit == k_new);
  CHECK(deliveries[0].forced);
  CHECK(deliveries[0].message == "m");
  CHECK(deliveries[0].pusher == "ann");
  CHECK(deliveries[0].clone_urls == std::vector<std::string>{"https://bitbucket.org/team/shop.git"});
  CHECK(deliveries[1].kind == DeliveryKind::tag);
  CHECK(deliveries[1].old_commit.empty());
  CHECK(deliveries[2].kind == DeliveryKind::removal);
  CHECK(deliveries[2].ref == "refs/heads/gone");
}

TEST_CASE("a push of Bitbucket without changes and other events are ignored") {
  CHECK(only_delivery("bitbucket", headers_of("repo:push"), push_of("")).note == "a push without changes");
  CHECK(only_delivery("bitbucket", headers_of("repo:push"), push_of(R"({"old":null,"new":null})")).kind ==
        DeliveryKind::ignored);
  CHECK(only_delivery("bitbucket", headers_of("diagnostics:ping"), "{}").kind == DeliveryKind::ping);
  CHECK(only_delivery("bitbucket", headers_of("repo:fork"), "{}").kind == DeliveryKind::ignored);
}

TEST_CASE("Bitbucket is believed by the algorithm that it uses and no other") {
  const webhook::Forge* forge = webhook::find_forge("bitbucket");
  CHECK_FALSE(forge->why_refused({{"X-Hub-Signature", "sha256=" + http::hmac_hex(http::Hash::sha256, "s", "{}")}}, "{}",
                                 {"s"}));
  CHECK(forge->why_refused({{"X-Hub-Signature", "sha1=" + http::hmac_hex(http::Hash::sha1, "s", "{}")}}, "{}", {"s"}) ==
        "the X-Hub-Signature header does not begin with 'sha256='");
}

TEST_CASE("no broken payload of Bitbucket is more than an error") {
  check_mutations("bitbucket", headers_of("repo:push"),
                  push_of(fmt::format(R"({{"old":null,"new":{}}})", side("branch", "main", k_new))));
}
