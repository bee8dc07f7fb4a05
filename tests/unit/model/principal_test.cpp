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
  CHECK_FALSE(may({.kind = Principal::Kind::ssh_key, .name = "k", .grants = {}}, "shop", Verb::read).yes);
}

TEST_CASE("each verb has a name that is read back") {
  for (const Verb verb :
       {Verb::read, Verb::logs, Verb::push, Verb::deploy, Verb::switch_, Verb::rollback, Verb::freeze, Verb::manage}) {
    CHECK(parse_verb(to_string(verb)) == verb);
  }
  CHECK_FALSE(parse_verb("everything"));
}

TEST_CASE("a grant may be for a pattern of apps") {
  const Principal key{
      .kind = Principal::Kind::ssh_key, .name = "k", .grants = {{.app = "web-*", .verbs = {Verb::read}}}};
  CHECK(may(key, "web-shop", Verb::read).yes);
  CHECK_FALSE(may(key, "shop", Verb::read).yes);
  CHECK_FALSE(may(key, "web-a/b", Verb::read).yes);
}

TEST_CASE("what is for all apps is for those alone who were let in to all") {
  const auto key_for = [](const std::string& app) {
    return Principal{.kind = Principal::Kind::ssh_key, .name = "k", .grants = {{.app = app, .verbs = {Verb::manage}}}};
  };
  CHECK(may(key_for("*"), Grant::k_any_app, Verb::manage).yes);
  CHECK_FALSE(may(key_for("?"), Grant::k_any_app, Verb::manage).yes);
  CHECK_FALSE(may(key_for("web-*"), Grant::k_any_app, Verb::manage).yes);
}

TEST_CASE("verbs are given with commas, and one that is none is answered with those there are") {
  CHECK(parse_verbs("push, logs,rollback") == std::set{Verb::push, Verb::logs, Verb::rollback});
  CHECK(describe(parse_verbs("rollback,logs")) == "logs, rollback");
  CHECK_THROWS_WITH(parse_verbs("push,fly"),
                    "nobody can be let 'fly': give read, logs, push, deploy, switch, rollback, "
                    "freeze or manage, separated by ','");
  CHECK_THROWS_AS(parse_verbs(""), Error);
}

TEST_CASE("a key's name is a word to every shell, and a pattern is made of what apps' names are") {
  for (const char* name : {"anna", "Anna.laptop-2", "ci_1", "0"}) {
    CHECK_NOTHROW(require_principal_name(name));
  }
  for (const std::string name : {"", "-x", ".x", "a b", "a;b", "a\nb", "a/b", "a'b", "\xc3\xa9", "$x"}) {
    INFO(name);
    CHECK_THROWS_AS(require_principal_name(name), Error);
  }
  CHECK_THROWS_AS(require_principal_name(std::string(41, 'a')), Error);
  for (const char* pattern : {"shop", "*", "web-*", "?hop"}) {
    CHECK_NOTHROW(require_app_pattern(pattern));
  }
  for (const char* pattern : {"", "Shop", "../*", "*/*", "[a]*", "a b*"}) {
    INFO(pattern);
    CHECK_THROWS_AS(require_app_pattern(pattern), Error);
  }
}
