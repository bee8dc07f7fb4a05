#include "model/trigger_file.hpp"
#include "support/catch.hpp"

#include <string>

using namespace teal;

TEST_CASE("a trigger file is neither hidden nor half-written nor anywhere else") {
  CHECK(is_trigger_file_name("push-shop-main"));
  CHECK(is_trigger_file_name("a b.c"));
  CHECK(is_trigger_file_name(std::string(k_longest_trigger_file, 'x')));
  for (const std::string bad : {"", ".", "..", ".push", "a/b", "../a", "push.tmp", "push.part", "a\nb", "a\x7f"}) {
    INFO(bad);
    CHECK_FALSE(is_trigger_file_name(bad));
  }
  CHECK_FALSE(is_trigger_file_name(std::string(k_longest_trigger_file + 1, 'x')));
}
