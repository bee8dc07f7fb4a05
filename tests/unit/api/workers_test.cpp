#include "api/workers.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

#include <atomic>
#include <future>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("so much is done at once, so much waits, and more is refused") {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> begun{0};
  std::atomic<int> done{0};
  {
    api::Workers workers({.at_once = 2, .waiting = 1, .deadline = 60s});
    const auto add = [&] {
      return workers.add({.work =
                              [&] {
                                ++begun;
                                open.wait();
                                ++done;
                              },
                          .late = [] {}});
    };
    CHECK(add());
    CHECK(add());
    wait_until([&] { return begun == 2; }, 10s, "two to begin");
    CHECK(add());
    CHECK_FALSE(add());
    CHECK(begun == 2);
    gate.set_value();
    wait_until([&] { return done == 3; }, 10s, "three to end");
    wait_until([&] { return add(); }, 10s, "room for one more");
    wait_until([&] { return done == 4; }, 10s, "it to end");
  }
  CHECK(begun == 4);
}

TEST_CASE("what takes too long is told so and goes on, and what waited too long is never begun") {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> late{0};
  std::atomic<int> ended{0};
  std::atomic<bool> is_begun{false};
  api::Workers workers({.at_once = 1, .waiting = 1, .deadline = 20ms});
  CHECK(workers.add({.work =
                         [&] {
                           open.wait();
                           ++ended;
                         },
                     .late = [&] { ++late; }}));
  CHECK(workers.add({.work = [&] { is_begun = true; }, .late = [&] { ++late; }}));
  wait_until([&] { return late == 2; }, 10s, "both to be late");
  CHECK(ended == 0);
  gate.set_value();
  wait_until([&] { return ended == 1; }, 10s, "the first to end");
  CHECK_FALSE(is_begun);
  const auto begins = [&] {
    static_cast<void>(workers.add({.work = [&] { is_begun = true; }, .late = [] {}}));
    return is_begun.load();
  };
  wait_until(begins, 10s, "another one to begin");
}

TEST_CASE("what has begun is waited for at the end") {
  std::atomic<bool> is_begun{false};
  std::atomic<bool> is_ended{false};
  {
    api::Workers workers({.at_once = 1, .waiting = 1, .deadline = 60s});
    CHECK(workers.add({.work =
                           [&] {
                             is_begun = true;
                             std::this_thread::yield();
                             is_ended = true;
                           },
                       .late = [] {}}));
    wait_until([&] { return is_begun.load(); }, 10s, "it to begin");
  }
  CHECK(is_ended);
}
