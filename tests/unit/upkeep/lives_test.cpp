#include "support/catch.hpp"
#include "upkeep/lives.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint k_made{1'700'000'000'000ms};
constexpr TimePoint k_now = k_made + 3600s;

Lives some_lives(const std::string& state, int restarts, std::chrono::seconds ago) {
  return {.state = state,
          .running = state == "running",
          .restarts = restarts,
          .since = k_made,
          .last_exit = LastExit{.code = 3, .cause = "exited with 3", .at = k_now - ago}};
}

} // namespace

TEST_CASE("nothing is said of a container that runs its first life") {
  const Lives lives{.state = "running", .running = true, .restarts = 0, .since = k_made, .last_exit = {}};
  CHECK(describe(lives, k_now).empty());
  CHECK(describe_briefly(lives).empty());
  CHECK_FALSE(is_in_trouble(lives, k_now));
}

TEST_CASE("a restart is told from the first one on with since when and how it ended last") {
  CHECK(describe(some_lives("running", 1, 12s), k_now) ==
        "restarted 1 time since 2023-11-14T22:13:20Z; last it exited with 3, 12 s ago");
  CHECK(describe(some_lives("restarting", 4, 1s), k_now) ==
        "is restarting (restarted 4 times since 2023-11-14T22:13:20Z); last it exited with 3, just now");
  CHECK(describe(some_lives("exited", 0, 300s), k_now) == "has exited; last it exited with 3, 5 min ago");
  CHECK(describe_briefly(some_lives("running", 2, 12s)) == "restarted 2 times");
  CHECK(describe_briefly(some_lives("exited", 1, 12s)) == "has exited (restarted 1 time)");
}

TEST_CASE("what ended a while ago and runs is no trouble any more and what does not run is") {
  CHECK(is_in_trouble(some_lives("running", 1, 12s), k_now));
  CHECK_FALSE(is_in_trouble(some_lives("running", 1, 1200s), k_now));
  CHECK(is_in_trouble(some_lives("exited", 0, 1200s), k_now));
  CHECK(is_in_trouble(some_lives("restarting", 9, 1200s), k_now));
}
