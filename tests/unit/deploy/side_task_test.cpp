#include "deploy/side_task.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace teal;

namespace {

/// Until the interrupt is asked for.
void heed(const std::stop_source& interrupt) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any asked;
  asked.wait(lock, interrupt.get_token(), [] { return false; });
}

} // namespace

TEST_CASE("what a side task does is done when it was awaited, however often") {
  bool is_done = false;
  SideTask task({}, [&] { is_done = true; });
  task.await();
  CHECK(is_done);
  CHECK_NOTHROW(task.await());
  CHECK_NOTHROW(task.fail_too());
  CHECK_FALSE(task.has_failed_first());
}

TEST_CASE("a side task that fails interrupts its owner and is why both failed") {
  std::stop_source interrupt;
  SideTask task(interrupt, [] { throw Error(ErrorKind::environment, "the registry is full"); });
  heed(interrupt);
  CHECK_THROWS_WITH(task.fail_too(), "the registry is full");
  CHECK(task.has_failed_first());
  CHECK_THROWS_WITH(task.await(), "the registry is full");
}

TEST_CASE("a side task whose owner failed is interrupted and not why") {
  std::stop_source interrupt;
  SideTask task(interrupt, [&] {
    heed(interrupt);
    throw Error(ErrorKind::environment, "it was ended");
  });
  CHECK_NOTHROW(task.fail_too());
  CHECK_FALSE(task.has_failed_first());
  CHECK_THROWS_WITH(task.await(), "it was ended");
}

TEST_CASE("a side task that nobody awaits is interrupted and ends before it is gone") {
  std::stop_source interrupt;
  std::atomic<bool> has_ended = false;
  {
    const SideTask task(interrupt, [&] {
      heed(interrupt);
      has_ended = true;
    });
  }
  CHECK(has_ended);
}

TEST_CASE("what is no error of ours that a side task throws is one too") {
  SideTask task({}, [] { throw std::runtime_error("no more threads"); });
  CHECK_THROWS_AS(task.await(), Error);
}
