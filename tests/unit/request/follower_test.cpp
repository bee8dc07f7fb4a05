#include "core/error.hpp"
#include "core/file_io.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "request/deployment_log.hpp"
#include "request/follower.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

#include <csignal>
#include <thread>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// Follows deployments of the app "shop" with a pipe as the reader's end.
class FollowerFixture : public StoreFixture {
protected:
  FollowerFixture() { fs::create_directories(m_home.app("shop").logs()); }

  std::int64_t enqueue() { return m_queue.enqueue(event_of("shop"), Color::blue).deployment.id; }
  [[nodiscard]] DeploymentLog log_of(std::int64_t id) const { return DeploymentLog(m_home.app("shop").log(id)); }

  /// The program that is started where no runner is at work.
  void set_runner(const std::string& script) const {
    const Installation installation{m_prefix};
    fs::create_directories(installation.tool().parent_path());
    write_file(installation.tool(), "#!/bin/sh\n" + script + "\n", 0755);
  }
  std::optional<Status> follow(std::int64_t id) {
    Output output(m_pipe.write_end.number());
    const Workplace place{m_home, inherited_environment(), {m_prefix}, m_store};
    return Follower(place).follow(id, output);
  }
  /// What the reader got so far; something must have been written.
  [[nodiscard]] std::string shown() const {
    std::string text(std::size_t{64} << 10U, '\0');
    const ssize_t size = read_some(m_pipe.read_end.number(), text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text;
  }

  Home m_home{m_folder.path()};
  Store m_store{m_file, m_clock};
  fs::path m_prefix = m_folder.path() / "prefix";
  Pipe m_pipe = open_pipe();
};

} // namespace

TEST_CASE_METHOD(FollowerFixture, "what has ended is shown at once, and nobody is started for it") {
  set_runner("touch " + (m_folder.path() / "started").string());
  const std::int64_t id = deploy("shop", Color::blue, Status::ready);
  log_of(id).line("ready in 1.00 s");
  CHECK(follow(id) == Status::ready);
  CHECK(shown() == "ready in 1.00 s\n");
  CHECK_FALSE(fs::exists(m_folder.path() / "started"));
}

TEST_CASE_METHOD(FollowerFixture, "a deployment is followed to its end, and nothing of its log is left out") {
  const std::int64_t id = enqueue();
  REQUIRE(m_queue.begin(id, Color::blue));
  const auto held = FileLock::try_acquire(m_home.app("shop").lock()); // as its runner does
  std::thread runner([&] {
    DeploymentLog log = log_of(id);
    for (int i = 0; i < 100; ++i) {
      log.line("line " + std::to_string(i));
    }
    log.line("FAILED in 0.01 s");
    Database database(m_file);
    Queue(database, m_clock).finish(id, Status::failed, {.text = "it failed"});
  });
  CHECK(follow(id) == Status::failed);
  runner.join();
  const std::string text = shown();
  CHECK(text.starts_with("line 0\nline 1\n"));
  CHECK(text.ends_with("line 99\nFAILED in 0.01 s\n"));
}

TEST_CASE_METHOD(FollowerFixture, "what was superseded says by what, as its log does not") {
  const std::int64_t first = enqueue();
  const std::int64_t second = enqueue();
  CHECK(follow(first) == Status::superseded);
  CHECK_THAT(shown(), ContainsSubstring(std::to_string(second)));
}

TEST_CASE_METHOD(FollowerFixture, "an outcome that is not in the log is told all the same") {
  const std::int64_t id = enqueue();
  REQUIRE(m_queue.begin(id, Color::blue));
  log_of(id).line("checkout   0.03 s"); // then its disk was full
  m_queue.finish(id, Status::ready, {.text = "http://server:50101/"});
  CHECK(follow(id) == Status::ready);
  CHECK(shown() == "checkout   0.03 s\nready   http://server:50101/   its log could not be written to the end\n");
}

TEST_CASE_METHOD(FollowerFixture, "a log with a line of several MiB is shown like any other") {
  const std::int64_t id = deploy("shop", Color::blue, Status::ready);
  log_of(id).line(std::string(std::size_t{8} << 20U, '.') + "\nready in 1.00 s");
  std::string text;
  std::thread reader([&] {
    while (!text.ends_with("ready in 1.00 s\n")) {
      text += shown();
    }
  });
  CHECK(follow(id) == Status::ready);
  reader.join();
  CHECK(text.size() == (std::size_t{8} << 20U) + sizeof "\nready in 1.00 s");
}

TEST_CASE_METHOD(FollowerFixture, "a runner is started where none is at work") {
  const std::int64_t id = enqueue();
  REQUIRE(m_queue.begin(id, Color::blue));
  set_runner("printf '%s ' \"$@\" >" + (m_folder.path() / "arguments").string() + "; while [ -d " +
             m_folder.path().string() + " ]; do sleep 0.05; done");
  std::thread finisher([&] {
    while (!fs::exists(m_folder.path() / "arguments")) {
      std::this_thread::sleep_for(Milliseconds(5));
    }
    Database database(m_file);
    Queue(database, m_clock).finish(id, Status::ready, {});
  });
  CHECK(follow(id) == Status::ready);
  finisher.join();
  CHECK(read_file(m_folder.path() / "arguments") == "--home " + m_folder.path().string() + " runner shop ");
}

TEST_CASE_METHOD(FollowerFixture, "runners that end again and again are given up, with what the last one said") {
  set_runner("echo one >>" + (m_folder.path() / "starts").string() + "; echo 'the disk is on fire' >&2; exit 1");
  const std::int64_t id = enqueue();
  CHECK_THROWS_WITH(follow(id), ContainsSubstring("5 runners of 'shop' ended without finishing deployment 1") &&
                                    ContainsSubstring("the disk is on fire"));
  CHECK(read_file(m_folder.path() / "starts") == "one\none\none\none\none\n");
  CHECK(status_of(id) == Status::queued);
}

TEST_CASE_METHOD(FollowerFixture, "a reader that goes away stops the following, not the deployment") {
  std::signal(SIGPIPE, SIG_IGN); // as every program of ours has it
  const std::int64_t id = enqueue();
  REQUIRE(m_queue.begin(id, Color::blue));
  log_of(id).line("checkout   0.03 s");
  m_pipe.read_end.close();
  CHECK_FALSE(follow(id));
  CHECK(status_of(id) == Status::running);
}

TEST_CASE_METHOD(FollowerFixture, "a deployment that does not exist is told") {
  CHECK_THROWS_WITH(follow(7), "there is no deployment 7");
}

TEST_CASE_METHOD(FollowerFixture,
                 "what a pause keeps from beginning is left with how it goes on and no runner is started") {
  set_runner("touch " + (m_folder.path() / "started").string());
  const std::int64_t id = enqueue();
  m_queue.pause({.app = "shop", .who = "anna", .at = {}});
  CHECK(follow(id) == Status::queued);
  CHECK_THAT(shown(), ContainsSubstring("paused by anna") && ContainsSubstring("tealhook queue resume shop\n"));
  CHECK_FALSE(fs::exists(m_folder.path() / "started"));
}

TEST_CASE_METHOD(FollowerFixture, "a failure that is tried again is a failure and says when that is") {
  const std::int64_t id = enqueue();
  REQUIRE(m_queue.begin(id, Color::blue));
  log_of(id).line("FAILED in 1.00 s");
  const auto retry = m_queue.fail_for_now(id, {.text = "the registry is away"}, std::chrono::seconds(10));
  REQUIRE(retry);
  CHECK(follow(id) == Status::failed);
  CHECK(shown() == "FAILED in 1.00 s\ndeployment 2 tries it again in 10s (retry 1), for the cause may pass; to call it "
                   "off: tealhook queue cancel 2\n");
  REQUIRE(m_queue.cancel(retry->id, "anna"));
  CHECK(follow(id) == Status::failed);
  CHECK(shown() == "FAILED in 1.00 s\n");
}

TEST_CASE_METHOD(FollowerFixture, "where a runner waits for what is due no other is started") {
  set_runner("touch " + (m_folder.path() / "started").string());
  const auto waits = FileLock::try_acquire(m_home.app("shop").waiting_lock());
  const std::int64_t id = m_queue
                              .enqueue({.event = event_of("shop"), .destination = Color::blue},
                                       {.pause = Milliseconds(1000), .longest = Milliseconds(1000)})
                              .deployment.id;
  std::thread canceller([&] {
    Database database(m_file);
    static_cast<void>(Queue(database, m_clock).cancel(id, "anna"));
  });
  CHECK(follow(id) == Status::cancelled);
  canceller.join();
  CHECK_FALSE(fs::exists(m_folder.path() / "started"));
}
