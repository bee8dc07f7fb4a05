#include "core/error.hpp"
#include "model/principal.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

Principal ci() {
  return {.kind = Principal::Kind::api_token,
          .name = "ci",
          .grants = {{.app = "shop", .verbs = {Verb::deploy, Verb::read}}, {.app = "*", .verbs = {Verb::logs}}}};
}

} // namespace

TEST_CASE("a principal is recorded by what it is and its name") {
  CHECK(Principal{.kind = Principal::Kind::local_user, .name = "anna", .grants = {}}.text() == "anna");
  CHECK(Principal{.kind = Principal::Kind::ssh_key, .name = "anna-laptop", .grants = {}}.text() == "key:anna-laptop");
  CHECK(ci().text() == "token:ci");
}

TEST_CASE("a local user may all") {
  const Principal anna{.kind = Principal::Kind::local_user, .name = "anna", .grants = {}};
  CHECK(may(anna, "shop", Verb::manage).yes);
  CHECK(may(anna, "shop", Verb::manage).why.empty());
}

TEST_CASE("a token may what was granted to it for that app or for any and is told what not") {
  CHECK(may(ci(), "shop", Verb::deploy).yes);
  CHECK(may(ci(), "blog", Verb::logs).yes);
  CHECK_FALSE(may(ci(), "blog", Verb::deploy).yes);
  CHECK_FALSE(may(ci(), "shop", Verb::rollback).yes);
  CHECK(may(ci(), "shop", Verb::rollback).why == "token:ci may not 'rollback' app 'shop': it was not granted that");
  CHECK_THROWS_AS(require_may(ci(), "shop", Verb::freeze), Error);
  CHECK_NOTHROW(require_may(ci(), "shop", Verb::read));
  CHECK_FALSE(may({.kind = Principal::Kind::ssh_key, .name = "k", .grants = {}}, "shop", Verb::read).yes);
}

TEST_CASE("each verb has a name that is read back") {
  for (const Verb verb :
       {Verb::read, Verb::logs, Verb::deploy, Verb::switch_, Verb::rollback, Verb::freeze, Verb::manage}) {
    CHECK(parse_verb(to_string(verb)) == verb);
  }
  CHECK_FALSE(parse_verb("everything"));
}
