#include "core/error.hpp"
#include "support/catch.hpp"
#include "trigger/forge/payload.hpp"

using namespace teal;
using namespace teal::webhook;

namespace {

std::string deep(std::size_t depth) {
  std::string text = "{\"a\":";
  for (std::size_t i = 0; i < depth; ++i) {
    text += '[';
  }
  return text;
}

} // namespace

TEST_CASE("what is no JSON object is refused with a reason") {
  for (const std::string& text : {std::string(), std::string("{"), std::string("{} x"), std::string("{\"a\":\"\xff\"}"),
                                  std::string("{\"a\":\"\xc0\x80\"}"), deep(100'000)}) {
    CHECK_THROWS_WITH(payload::parse(text), ContainsSubstring("the payload is no JSON: "));
  }
  CHECK_THROWS_WITH(payload::parse("[1]"), "the payload is no JSON object");
  CHECK_THROWS_WITH(payload::parse(std::string(25'000'001, ' ')), "the payload is larger than 25 MB");
}

TEST_CASE("a field of another type than it has to be is named") {
  const auto value = payload::parse(R"({"a":{"b":1,"c":null,"d":"x","e":true,"f":[1]},"g":2})");
  CHECK(payload::text(value, {"a", "d"}) == "x");
  CHECK(payload::text(value, {"a", "c"}).empty());
  CHECK(payload::text(value, {"a", "c", "z"}).empty());
  CHECK(payload::flag(value, {"a", "e"}));
  CHECK(payload::number(value, {"a", "b"}, 7) == 1);
  CHECK(payload::number(value, {"a", "x"}, 7) == 7);
  CHECK(payload::array(value, {"a", "f"}).size() == 1);
  CHECK(payload::array(value, {"nothing"}).empty());
  CHECK_THROWS_WITH(payload::text(value, {"a", "b"}), "'a.b' is no text");
  CHECK_THROWS_WITH(payload::text(value, {"g", "b"}), "what is to have 'g.b' is no object");
  CHECK_THROWS_WITH(payload::required_text(value, {"a", "c"}), "'a.c' is missing");
  CHECK_THROWS_WITH(payload::flag(value, {"a", "d"}), "'a.d' is neither true nor false");
  CHECK_THROWS_WITH(payload::number(value, {"a", "d"}, 0), "'a.d' is no number");
  CHECK_THROWS_WITH(payload::array(value, {"a", "d"}), "'a.d' is no list");
}

TEST_CASE("a ref has a full name that git would allow") {
  CHECK(payload::full_ref("refs/heads/feature/x") == "refs/heads/feature/x");
  for (const char* text : {"", "main", "refs/heads", "refs/heads/", "refs/heads/a..b", "refs/heads/a b",
                           "refs/heads/a\n", "refs/heads/../x", "refs/heads/.x", "refs/heads/x.lock", "refs/heads/a^",
                           "refs//heads/x", "refs/heads/-\x1b[2J", "refs/heads/x@{1}"}) {
    CHECK_THROWS_WITH(payload::full_ref(text), ContainsSubstring("is no full name of a ref"));
  }
  CHECK_THROWS(payload::full_ref("refs/heads/" + std::string(2000, 'x')));
}

TEST_CASE("a commit is its digits and zeros are none") {
  CHECK(payload::commit(std::string(40, 'a')) == std::string(40, 'a'));
  CHECK(payload::commit(std::string(64, '1')) == std::string(64, '1'));
  CHECK(payload::commit(std::string(40, '0')).empty());
  CHECK(payload::commit("").empty());
  for (const std::string& text : {std::string(39, 'a'), std::string(40, 'g'), std::string("000"), std::string("--x")}) {
    CHECK_THROWS_WITH(payload::commit(text), ContainsSubstring("is no commit id"));
  }
}

TEST_CASE("paths are of all commits and complete only if all of them are there") {
  const auto value = payload::parse(R"({"commits":[{"added":["b"],"removed":["a"]},{"modified":["b","c"]}]})");
  Delivery delivery;
  payload::read_paths(value, 2, delivery);
  CHECK(delivery.paths == std::vector<std::string>{"a", "b", "c"});
  CHECK(delivery.is_paths_complete);
  payload::read_paths(value, 3, delivery);
  CHECK_FALSE(delivery.is_paths_complete);
  CHECK_THROWS_WITH(payload::read_paths(payload::parse(R"({"commits":[{"added":"x"}]})"), 1, delivery),
                    "'added' is no list");
}

TEST_CASE("a header that a forge always sends is demanded once") {
  CHECK(payload::required_header({{"x-id", " 1 "}}, "X-Id") == "1");
  CHECK_THROWS_WITH(payload::required_header({}, "X-Id"), "no X-Id header, or several");
  CHECK_THROWS(payload::required_header({{"X-Id", "1"}, {"X-Id", "1"}}, "X-Id"));
}
