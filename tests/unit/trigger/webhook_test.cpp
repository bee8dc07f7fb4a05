#include "support/catch.hpp"
#include "trigger/webhook.hpp"

#include <algorithm>

using namespace teal;

TEST_CASE("each forge is found by its name and no other is") {
  for (const std::string& name : webhook::forge_names()) {
    REQUIRE(webhook::find_forge(name) != nullptr);
    CHECK(webhook::find_forge(name)->name == name);
  }
  CHECK(webhook::forge_names().size() == 6);
  CHECK(webhook::find_forge("sourcehut") == nullptr);
  CHECK(webhook::find_forge("") == nullptr);
}

TEST_CASE("no forge believes a sender where no secret is set") {
  for (const std::string& name : webhook::forge_names()) {
    const webhook::Forge* forge = webhook::find_forge(name);
    CHECK(forge->why_refused({}, "{}", {}) == "this source has no secret, and takes nothing without");
    CHECK(forge->why_refused({}, "{}", {"", ""}) == "this source has no secret, and takes nothing without");
    CHECK(forge->why_refused({}, "{}", {"secret"}).has_value());
  }
}

TEST_CASE("each kind of delivery has a name of its own") {
  CHECK(webhook::to_string(webhook::DeliveryKind::push) == "push");
  CHECK(webhook::to_string(webhook::DeliveryKind::ignored) == "ignored");
}
