#include "core/nearest.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a word with a letter too many, too few, wrong or swapped is known again") {
  const std::vector<std::string> words{"status", "setup", "history", "app"};
  CHECK(nearest("statuss", words) == "status");
  CHECK(nearest("stats", words) == "status");
  CHECK(nearest("hystory", words) == "history");
  CHECK(nearest("sttaus", words) == "status");
  CHECK(nearest("app", words) == "app");
}

TEST_CASE("of two words that are like it the nearer one is meant") {
  CHECK(nearest("port", {"ports", "post", "port"}) == "port");
}

TEST_CASE("a word that is like none of them, or endless, has no nearest") {
  CHECK(nearest("banana", {"status", "setup"}).empty());
  CHECK(nearest("", {"status"}).empty());
  CHECK(nearest("status", {}).empty());
  CHECK(nearest(std::string(100'000, 's'), {"status"}).empty());
}
