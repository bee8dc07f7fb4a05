#include "unit/trigger/forge/forge_fixture.hpp"

using namespace teal;
using webhook::DeliveryKind;

TEST_CASE("a script says what to deploy in a few words") {
  const auto full = only_delivery("generic", {},
                                  fmt::format(R"({{"ref":"refs/tags/v1","commit":"{}","repository":"team/shop",)"
                                              R"("id":"7","who":"ci"}})",
                                              k_new));
  CHECK(full.kind == DeliveryKind::tag);
  CHECK(full.id == "7");
  CHECK(full.new_commit == k_new);
  CHECK(full.repository == "team/shop");
  CHECK(full.pusher == "ci");
  const auto least = only_delivery("generic", {}, fmt::format(R"({{"ref":"main","commit":"{}"}})", k_new));
  CHECK(least.kind == DeliveryKind::push);
  CHECK(least.ref == "refs/heads/main");
  CHECK(least.id.empty());
}

TEST_CASE("what a script leaves out is named") {
  const auto parse = webhook::find_forge("generic")->parse;
  CHECK_THROWS_WITH(parse({}, "{}"), "'ref' is missing");
  CHECK_THROWS_WITH(parse({}, R"({"ref":"main"})"), "'commit' is missing");
  CHECK_THROWS_WITH(parse({}, R"({"ref":"main","commit":"HEAD"})"), "'HEAD' is no commit id");
}

TEST_CASE("a script is believed by its signature") {
  const webhook::Forge* forge = webhook::find_forge("generic");
  CHECK_FALSE(forge->why_refused({{"X-Signature-256", "sha256=" + http::hmac_hex(http::Hash::sha256, "s", "{}")}}, "{}",
                                 {"s"}));
  CHECK(forge->why_refused({}, "{}", {"s"}) == "no X-Signature-256 header");
}

TEST_CASE("no broken payload of a script is more than an error") {
  check_mutations("generic", {}, fmt::format(R"({{"ref":"main","commit":"{}","id":"7"}})", k_new));
}
