#include "core/error.hpp"
#include "process/file_lock.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

/// Another process that holds a lock until it is killed.
class Holder {
public:
  explicit Holder(const std::filesystem::path& file) : m_pid(::fork()) {
    if (m_pid == 0) {
      const auto lock = FileLock::try_acquire(file);
      for (;;) {
        ::pause();
      }
    }
    wait_until([&] { return FileLock::is_held(file); }, 10s, "the holder's lock");
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { kill(); }

  void kill() {
    if (m_pid > 0) {
      ::kill(m_pid, SIGKILL);
      ::waitpid(m_pid, nullptr, 0);
      m_pid = 0;
    }
  }

private:
  pid_t m_pid;
};

Milliseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(used.tv_sec) +
                                                  std::chrono::nanoseconds(used.tv_nsec));
}

} // namespace

TEST_CASE("a lock is exclusive until it leaves scope, within one process too") {
  const TempFolder folder;
  const auto file = folder.path() / "lock";
  {
    auto lock = FileLock::try_acquire(file);
    REQUIRE(lock);
    CHECK_FALSE(FileLock::try_acquire(file));
    CHECK(FileLock::is_held(file));
    const FileLock moved = std::move(*lock);
    lock.reset();
    CHECK(FileLock::is_held(file));
  }
  CHECK_FALSE(FileLock::is_held(file));
  CHECK(FileLock::try_acquire(file));
}

TEST_CASE("a lock file that merely exists, or does not, is not held") {
  const TempFolder folder;
  std::ofstream(folder.path() / "stale") << "12345";
  CHECK_FALSE(FileLock::is_held(folder.path() / "stale"));
  CHECK_FALSE(FileLock::is_held(folder.path() / "missing"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "missing"));
}

TEST_CASE("a lock that cannot be opened is an error") {
  CHECK_THROWS_WITH(FileLock::try_acquire("/no/lock"), "cannot open lock '/no/lock': no such file or directory");
  CHECK_THROWS_AS(FileLock::acquire_any({"/no/lock"}, 0ms), Error);
}

TEST_CASE("a killed holder leaves nothing behind") {
  const TempFolder folder;
  const auto file = folder.path() / "lock";
  Holder holder(file);
  CHECK_FALSE(FileLock::try_acquire(file));
  holder.kill();
  CHECK(FileLock::try_acquire(file));
}

TEST_CASE("no child inherits a lock") {
  const TempFolder folder;
  const auto file = folder.path() / "lock";
  auto lock = FileLock::try_acquire(file);
  Command command;
  command.arguments = {"sh", "-c", "echo started; sleep 1000"};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  bool free_while_it_runs = false;
  command.on_output = [&](std::string_view) {
    lock.reset();
    free_while_it_runs = !FileLock::is_held(file);
    throw std::runtime_error("seen");
  };
  CHECK_THROWS_WITH(run(command), "seen");
  CHECK(free_while_it_runs);
}

TEST_CASE("of several files the free one is taken") {
  const TempFolder folder;
  const std::vector files{folder.path() / "1", folder.path() / "2"};
  const auto first = FileLock::acquire_any(files, 0ms);
  REQUIRE(first);
  CHECK(FileLock::is_held(files[0]));
  const auto second = FileLock::acquire_any(files, 0ms);
  CHECK(second);
  CHECK(FileLock::is_held(files[1]));
  CHECK_FALSE(FileLock::acquire_any(files, 20ms));
}

TEST_CASE("a waiter is woken by a release, and by a holder's death") {
  const TempFolder folder;
  const auto file = folder.path() / "lock";
  const bool by_death = GENERATE(true, false);
  std::optional<Holder> process;
  std::optional<FileLock> lock;
  if (by_death) {
    process.emplace(file);
  } else {
    lock = FileLock::try_acquire(file);
  }
  std::atomic<pid_t> waiter_thread = 0;
  bool won = false;
  std::thread waiter([&] {
    waiter_thread = ::gettid();
    won = FileLock::acquire_any({file}, 60s).has_value();
  });
  const auto waits_in_poll = [&] {
    std::ifstream stat("/proc/self/task/" + std::to_string(waiter_thread) + "/wchan");
    std::string where;
    stat >> where;
    return where.find("poll") != std::string::npos || where == "0";
  };
  wait_until([&] { return waiter_thread != 0 && waits_in_poll(); }, 10s, "the waiter");
  const auto start = std::chrono::steady_clock::now();
  process.reset();
  lock.reset();
  waiter.join();
  CHECK(won);
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}

TEST_CASE("many waiters get their turns and do not keep one another awake") {
  const TempFolder folder;
  const auto file = folder.path() / "lock";
  constexpr int k_waiters = 8;
  std::atomic<int> inside = 0;
  std::atomic<int> turns = 0;
  std::atomic<bool> overlapped = false;
  auto lock = FileLock::try_acquire(file);
  const Milliseconds before = processor_time();
  std::vector<std::thread> waiters;
  for (int i = 0; i < k_waiters; ++i) {
    waiters.emplace_back([&] {
      const auto mine = FileLock::acquire_any({file}, 60s);
      overlapped = overlapped || ++inside != 1;
      turns += mine ? 1 : 0;
      --inside;
    });
  }
  CHECK_FALSE(FileLock::acquire_any({file}, 300ms)); // all the others wait meanwhile
  CHECK(processor_time() - before < 250ms);
  lock.reset();
  for (auto& waiter : waiters) {
    waiter.join();
  }
  CHECK(turns == k_waiters);
  CHECK_FALSE(overlapped);
}
