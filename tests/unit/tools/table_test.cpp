#include "support/catch.hpp"
#include "table.hpp"

using namespace teal;
using namespace teal::tool;

TEST_CASE("columns are as wide as their widest cell, and no line ends in spaces") {
  CHECK(format_table(std::vector<Row>{{"APP", "PORT"}, {"shop", "1"}, {"a", ""}}) == "APP   PORT\nshop  1\na");
}

TEST_CASE("rows may be of different lengths, and there may be none") {
  CHECK(format_table(std::vector<Row>{{"a", "b"}, {"c"}, {"d", "e", "f"}}) == "a  b\nc\nd  e  f");
  CHECK(format_table(std::vector<Row>{}).empty());
}

TEST_CASE("a column is measured in characters, not bytes") {
  CHECK(format_table(std::vector<Row>{{"caf\xc3\xa9", "1"}, {"cafe", "2"}}) == "caf\xc3\xa9  1\ncafe  2");
}

TEST_CASE("what a cell quotes can neither break its line nor drive a terminal") {
  CHECK(format_table(std::vector<Row>{{"a\nb\x1b[2J", "1"}, {"c", "2"}}) == "a?b?[2J  1\nc        2");
}

TEST_CASE("settings are shown with their origin") {
  CHECK(format_table(std::vector<SettingValue>{{"bind", "0.0.0.0", "default", "doc"}}) ==
        "KEY   VALUE    FROM\nbind  0.0.0.0  default");
}
