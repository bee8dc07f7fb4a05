#include "model/port_range.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a range of ports is two of those that programs may have") {
  const auto range = PortRange::parse("52000-52999");
  REQUIRE(range);
  CHECK(range->first == 52000);
  CHECK(range->last == 52999);
  for (const char* text :
       {"", "52000", "-", "52000-", "-52000", "80-90", "52001-52000", "52000-70000", "a-b", "1-2-3"}) {
    INFO(text);
    CHECK_FALSE(PortRange::parse(text));
  }
}

TEST_CASE("a free port is looked for from anywhere, and around the end") {
  const PortRange range{52000, 52003};
  CHECK(range.find_free(0, {}) == 52000);
  CHECK(range.find_free(6, {}) == 52002);
  CHECK(range.find_free(6, {52002, 52003}) == 52000);
  CHECK_FALSE(range.find_free(6, {52000, 52001, 52002, 52003}));
}
