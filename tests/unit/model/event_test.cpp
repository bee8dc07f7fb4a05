#include "model/event.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a trigger is read back from its name, and from nothing else") {
  for (const Trigger trigger :
       {Trigger::push, Trigger::webhook, Trigger::registry, Trigger::poll, Trigger::file, Trigger::cli, Trigger::api}) {
    CHECK(parse_trigger(to_string(trigger)) == trigger);
  }
  CHECK_FALSE(parse_trigger(""));
  CHECK_FALSE(parse_trigger("Push"));
  CHECK_FALSE(parse_trigger("?"));
}

TEST_CASE("a ref is shortened as people name it") {
  CHECK(short_ref("refs/heads/main") == "main");
  CHECK(short_ref("refs/heads/feature/x") == "feature/x");
  CHECK(short_ref("refs/tags/v1") == "v1");
  CHECK(short_ref("refs/notes/n") == "refs/notes/n");
  CHECK(short_ref("HEAD~1") == "HEAD~1");
  CHECK(short_ref("").empty());
}

TEST_CASE("a commit is quoted by its first seven digits") {
  CHECK(short_commit("91c02de4567890123456789012345678901234567") == "91c02de");
  CHECK(short_commit("91c").size() == 3);
  CHECK(short_commit("") == "image"); // what was built elsewhere
}
