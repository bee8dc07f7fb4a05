#include "core/error.hpp"
#include "support/catch.hpp"
#include "trigger/trigger_name.hpp"

using namespace teal;

namespace {

std::string name_of(std::string_view pattern, std::string_view branch, std::string_view repository = "ada/shop") {
  return trigger_file_name(pattern, {.app = "web", .source = "hub", .repository = repository, .branch = branch});
}

} // namespace

TEST_CASE("a trigger file is called by repository and branch as the pattern says") {
  CHECK(name_of("push-{repo}-{branch}", "main") == "push-shop-main");
  CHECK(name_of("{app}.{source}.{owner}", "main") == "web.hub.ada");
  CHECK(name_of("{repo}{repo}", "main", "shop") == "shopshop");
  CHECK(name_of("push-{owner}", "main", "a/b/shop") == "push-a-b");
  CHECK(name_of("always", "main") == "always");
}

TEST_CASE("what a sender calls its branch leads nowhere else") {
  CHECK(name_of("push-{repo}-{branch}", "release/1.0") == "push-shop-release-1.0");
  CHECK(name_of("{branch}", "../../etc/passwd") == "_..-..-etc-passwd");
  CHECK(name_of("{branch}", ".hidden") == "_.hidden");
  CHECK(name_of("{branch}", "") == "_");
  CHECK(name_of("{branch}", "x.tmp") == "x.tmp_");
  CHECK(name_of("push-{branch}", "x.part") == "push-x.part_");
  CHECK(name_of("{branch}", "a b\n{app}$(id)\xc3\xa4") == "a_b__app___id___");
  CHECK_THROWS_WITH(name_of("{branch}", std::string(201, 'x')), ContainsSubstring("would have 201 characters"));
}
