#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "request/runner_start.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/store/store_fixture.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// A home whose runners write down with what they were started.
class RunnerFixture : public StoreFixture {
protected:
  RunnerFixture() {
    fs::create_directories(m_installation.tool().parent_path());
    write_file(m_installation.tool(), "#!/bin/sh\necho said by $4\necho \"$@\" >> \"" + m_started.string() + "\"\n",
               0755);
    for (const char* app : {"shop", "blog"}) {
      fs::create_directories(m_home.app(app).logs());
    }
  }

  [[nodiscard]] std::string words_for(const std::string& app) const {
    return fmt::format("--home {} runner {}\n", m_home.root.string(), app);
  }
  void await_start(const std::string& app) const {
    wait_until([&] { return fs::exists(m_started) && read_file(m_started).find(words_for(app)) != std::string::npos; },
               std::chrono::seconds(10), "the runner of " + app);
  }

  Home m_home{m_folder.path()};
  Installation m_installation{m_folder.path() / "prefix"};
  fs::path m_started = m_folder.path() / "started";
  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(RunnerFixture, "a runner is told its home and app and what it says is in the app's runner log") {
  start_runner(m_home, "shop", inherited_environment(), m_installation);
  await_start("shop");
  CHECK(read_file(m_started) == words_for("shop"));
  CHECK(read_file(m_home.app("shop").runner_log()) == "said by shop\n");
}

TEST_CASE_METHOD(RunnerFixture, "a runner starts also where its log cannot be written") {
  fs::create_directory(m_home.app("shop").runner_log());
  start_runner(m_home, "shop", inherited_environment(), m_installation);
  await_start("shop");
  CHECK(fs::is_directory(m_home.app("shop").runner_log()));
}

TEST_CASE_METHOD(RunnerFixture, "each app that has work gets a runner, and no other") {
  m_store.queue.enqueue(event_of("shop"), Color::blue);
  const auto started = start_runners(m_home, m_store.queue, inherited_environment(), m_installation);
  CHECK(started == std::vector<std::string>{"shop"});
  await_start("shop");
  CHECK(read_file(m_started) == words_for("shop"));
}

TEST_CASE_METHOD(RunnerFixture, "where no runner can be started it is said that what is queued waits") {
  fs::remove(m_installation.tool());
  CHECK_THROWS_WITH(start_runner(m_home, "shop", inherited_environment(), m_installation),
                    ContainsSubstring("cannot start") &&
                        ContainsSubstring("starting the runner of 'shop'; what is queued waits for the next one"));
}

TEST_CASE_METHOD(RunnerFixture, "an app whose runner waits for what is due needs no other") {
  m_store.queue.enqueue({.event = event_of("shop"), .destination = Color::blue},
                        {.pause = Milliseconds(1000), .longest = Milliseconds(1000)});
  CHECK_FALSE(has_runner(m_home.app("shop")));
  {
    const auto waits = FileLock::try_acquire(m_home.app("shop").waiting_lock());
    CHECK(has_runner(m_home.app("shop")));
    CHECK(start_runners(m_home, m_store.queue, inherited_environment(), m_installation).empty());
  }
  CHECK(start_runners(m_home, m_store.queue, inherited_environment(), m_installation).size() == 1);
  await_start("shop");
  m_store.queue.pause({.app = "shop", .who = "anna", .at = {}});
  CHECK(start_runners(m_home, m_store.queue, inherited_environment(), m_installation).empty());
}
