#include "process/file_lock.hpp"
#include "process/watch.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <utility>

using namespace teal;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// Whether this process watches anything.
bool has_watch() {
  for (const auto& descriptor : fs::directory_iterator("/proc/self/fd")) {
    std::error_code closed;
    if (fs::read_symlink(descriptor.path(), closed).string() == "anon_inode:inotify") {
      return true;
    }
  }
  return false;
}

bool write_number(const char* file, int number) {
  std::ofstream stream(file);
  stream << number << std::flush;
  return stream.good();
}

/// Runs `work` in a child whose user namespace has as many inotify instances and watches as are said, whatever others
/// do; the test fails unless it returns true.
template <class Work>
void require_with_few_watches(int instances, int watches, Work&& work) {
  constexpr int k_no_namespace = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    const bool limited = ::unshare(CLONE_NEWUSER) == 0 &&
                         write_number("/proc/sys/user/max_inotify_instances", instances) &&
                         write_number("/proc/sys/user/max_inotify_watches", watches);
    bool held = false;
    try {
      held = limited && work();
    } catch (...) {
      held = false;
    }
    ::_exit(!limited ? k_no_namespace : held ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == k_no_namespace) {
    SKIP_TEST("this kernel gives no user namespace with limits of its own");
  }
  REQUIRE(status == 0);
}

/// Whether one that waits long still gets to look, though nothing tells of changes.
bool keeps_looking(const fs::path& folder) {
  Watch watch({folder});
  const Stopwatch stopwatch;
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (stopwatch.elapsed() < 1100ms) { // beyond the first looks
    watch.wait(limit);
  }
  watch.wait(limit);
  return !has_watch() && std::chrono::steady_clock::now() < limit;
}

} // namespace

TEST_CASE("a watch returns at its limit though nothing changes") {
  const TempFolder folder;
  Watch watch({folder.path()});
  const auto limit = std::chrono::steady_clock::now() + 20ms;
  int waits = 0;
  while (std::chrono::steady_clock::now() < limit) {
    watch.wait(limit);
    ++waits;
  }
  CHECK(waits >= 1);
  watch.wait(limit);
}

TEST_CASE("who waits long sleeps until a file in a watched folder changes") {
  const TempFolder folder;
  std::atomic<int> looks = 0;
  std::atomic<bool> seen = false;
  std::thread waiter([&] {
    Watch watch({folder.path()});
    const auto limit = std::chrono::steady_clock::now() + 60s;
    while (!seen && std::chrono::steady_clock::now() < limit) {
      watch.wait(limit);
      ++looks;
      seen = fs::exists(folder.path() / "file");
    }
  });
  wait_until(has_watch, 30s, "the watch");
  int before = -1;
  wait_until([&] { return std::exchange(before, looks.load()) == looks; }, 30s, "the waiter to sleep");
  std::ofstream(folder.path() / "file") << "changed";
  waiter.join();
  CHECK(seen);
  CHECK_FALSE(has_watch());
}

TEST_CASE("where the kernel has no watch to give one looks again and again") {
  const TempFolder folder;
  const bool no_instance = GENERATE(true, false);
  require_with_few_watches(no_instance ? 0 : 8, no_instance ? 8 : 0, [&] { return keeps_looking(folder.path()); });
}

TEST_CASE("a lock is waited for where the kernel has no watch to give") {
  const TempFolder folder;
  const auto held = FileLock::try_acquire(folder.path() / "lock");
  require_with_few_watches(0, 0, [&] { return !FileLock::acquire_any({folder.path() / "lock"}, 1100ms); });
}
