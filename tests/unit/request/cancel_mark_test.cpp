#include "process/atomic_file.hpp"
#include "request/cancel_mark.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <atomic>
#include <vector>

using namespace teal;

TEST_CASE("who asks first that a deployment ends is remembered and nobody closes it any more") {
  const TempFolder folder;
  const CancelMark mark({folder.path()}, 42);
  CHECK_FALSE(mark.who());
  CHECK(mark.ask("anna"));
  CHECK(mark.ask("bert"));
  CHECK(mark.who() == "anna");
  CHECK_FALSE(mark.close());
  CHECK_FALSE(CancelMark({folder.path()}, 43).who());
  mark.remove();
  CHECK_FALSE(mark.who());
}

TEST_CASE("a deployment that takes over cannot be cancelled any more") {
  const TempFolder folder;
  const CancelMark mark({folder.path()}, 42);
  CHECK(mark.close());
  CHECK_FALSE(mark.ask("anna"));
  CHECK_FALSE(mark.who());
}

TEST_CASE("of many who decide at once exactly one does") {
  const TempFolder folder;
  for (int round = 0; round < 50; ++round) {
    const CancelMark mark({folder.path()}, round);
    std::atomic<bool> closed = false;
    bool asked = false;
    {
      const std::jthread runner([&] { closed = mark.close(); });
      asked = mark.ask("anna");
    }
    CHECK(asked != closed);
  }
}

TEST_CASE("a folder without room for the mark stops no deployment but is told to who cancels") {
  const CancelMark mark({"/nonexistent"}, 42);
  CHECK(mark.close());
  CHECK_THROWS_WITH(mark.ask("anna"), ContainsSubstring("no such file"));
}

TEST_CASE("a watch stops its token once somebody asks") {
  const TempFolder folder;
  const CancelMark mark({folder.path()}, 42);
  const CancelWatch watch(mark);
  CHECK_FALSE(watch.token().stop_requested());
  CHECK(mark.ask("anna"));
  wait_until([&] { return watch.token().stop_requested(); }, std::chrono::seconds(10), "the token's stop");
}
