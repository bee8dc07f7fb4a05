#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

using Variables = std::map<std::string, std::string>;

std::string complaint(const std::string& text) {
  return complaint_of([&] { static_cast<void>(parse_env_file({"shop.env", text})); });
}

} // namespace

TEST_CASE("an environment file has NAME=VALUE lines, comments and empty lines") {
  CHECK(parse_env_file({"shop.env", "# comment\n\nA=1\n  B = two words \nC=\nURL=postgres://u:p@h/db?x=y#z\r\n"}) ==
        Variables{{"A", "1"}, {"B", "two words"}, {"C", ""}, {"URL", "postgres://u:p@h/db?x=y#z"}});
  CHECK(parse_env_file({"shop.env", ""}).empty());
}

TEST_CASE("one pair of quotes around a value is taken off") {
  CHECK(parse_env_file({"shop.env", "A=\" x \"\nB='y'\nC=\"\"\nD=\"\"z\"\"\nE=it's\nF=\"open\nG=\"\n"}) ==
        Variables{{"A", " x "}, {"B", "y"}, {"C", ""}, {"D", "\"z\""}, {"E", "it's"}, {"F", "\"open"}, {"G", "\""}});
}

TEST_CASE("a line that sets nothing is refused with its place and without its text") {
  for (const std::string bad : {"hunter2", "=hunter2", "1A=hunter2", "A B=hunter2", "export A=hunter2"}) {
    INFO(bad);
    CHECK(complaint("A=1\n" + bad + "\n") ==
          "shop.env:2: no NAME=VALUE: for NAME, use letters, digits and '_', no digit first");
  }
  CHECK(complaint("A=1\nB=2\nA=hunter2\n") == "shop.env:3: 'A' is here a second time");
  CHECK(complaint(std::string("A=hunter2\0", 10)) == "shop.env:1: the value of 'A' has a NUL byte");
}
