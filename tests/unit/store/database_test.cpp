#include "core/error.hpp"
#include "store/database.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

using namespace teal;

namespace {

/// Runs `work` in a child process that then vanishes without any cleaning up, and waits for it.
template <class Work>
void in_process_that_vanishes(Work&& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
}

std::string pragma(const Database& database, const char* name) {
  return database.handle().execAndGet(std::string("PRAGMA ") + name).getString();
}

/// Queues deployments for ever, writing one byte to `pipe` after each that is stored.
[[noreturn]] void enqueue_for_ever(const std::filesystem::path& file, int pipe) {
  try {
    const SystemClock clock;
    Database database(file);
    Queue queue(database, clock);
    for (;;) {
      queue.enqueue(event_of("shop"), Color::blue);
      if (::write(pipe, "x", 1) != 1) {
        ::_exit(1);
      }
    }
  } catch (...) {
    ::_exit(2);
  }
}

} // namespace

TEST_CASE("a new store is a private file in WAL mode that syncs and keeps references whole") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  const Database database(file);

  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600U);
  CHECK(pragma(database, "journal_mode") == "wal");
  CHECK(pragma(database, "synchronous") == "2");
  CHECK(pragma(database, "foreign_keys") == "1");
  CHECK(pragma(database, "busy_timeout") == "5000");
}

TEST_CASE("what a store cannot open is said with its path and the cause") {
  const TempFolder folder;
  SECTION("no such folder") {
    const auto file = folder.path() / "missing" / "state.db";
    CHECK_THROWS_WITH(Database(file), "cannot open state.db '" + file.string() + "': no such file or directory");
  }
  SECTION("not a database") {
    const auto file = folder.path() / "state.db";
    std::ofstream(file) << std::string(4096, 'x');
    CHECK_THROWS_WITH(Database(file), "cannot open the tables in state.db '" + file.string() +
                                          "': file is not a database; put a copy of it back, or move it away to begin "
                                          "anew: what runs is not touched by that");
  }
  SECTION("a folder in its place") {
    std::filesystem::create_directory(folder.path() / "state.db");
    CHECK_THROWS_AS(Database(folder.path() / "state.db"), Error);
  }
}

TEST_CASE("many that open a fresh store at once all succeed") {
  for (int round = 0; round < 10; ++round) {
    const TempFolder folder;
    const auto file = folder.path() / "state.db";
    std::array<pid_t, 6> children{};
    for (pid_t& child : children) {
      child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        try {
          const Database database(file);
          ::_exit(0);
        } catch (const Error&) {
          ::_exit(1);
        }
      }
    }
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(status == 0);
    }
    CHECK(pragma(Database(file), "integrity_check") == "ok");
  }
}

TEST_CASE("a process that vanishes inside a transaction has stored nothing") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  in_process_that_vanishes([&] {
    Database database(file);
    const SQLite::Transaction transaction(database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
    database.handle().exec("INSERT INTO releases (app, commit_id, subject, target, identity, artifact, created) "
                           "VALUES ('shop', 'c', 's', 't', 'i', 'a', 1)");
    ::_exit(0);
  });
  Database database(file);
  CHECK(History(database).releases("shop").empty());
}

TEST_CASE("a process killed while it stores leaves all that it was told is stored, and nothing by half") {
  constexpr int k_enough = 25;
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    enqueue_for_ever(file, pipe[1]);
  }
  ::close(pipe[1]);
  char byte = 0;
  for (int stored = 0; stored < k_enough; ++stored) {
    REQUIRE(::read(pipe[0], &byte, 1) == 1);
  }
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  std::size_t acknowledged = k_enough;
  while (::read(pipe[0], &byte, 1) == 1) {
    ++acknowledged;
  }
  ::close(pipe[0]);

  Database database(file);
  CHECK(pragma(database, "integrity_check") == "ok");
  const auto deployments = History(database).deployments("shop", 100'000);
  CHECK(deployments.size() >= acknowledged);
  CHECK(database.handle().execAndGet("SELECT count(*) FROM events").getInt64() ==
        static_cast<std::int64_t>(deployments.size()));
  for (const Deployment& deployment : deployments) {
    const bool newest = deployment.id == deployments.front().id;
    CHECK(deployment.status == (newest ? Status::queued : Status::superseded));
  }
}

TEST_CASE("a store opens while another writes to it") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  const Database writer(file);
  const SQLite::Transaction transaction(writer.handle(), SQLite::TransactionBehavior::IMMEDIATE);
  CHECK_NOTHROW(Database(file));
}

TEST_CASE_METHOD(StoreFixture, "the store has another version once another connection has stored something") {
  const Database reader(m_file);
  const std::int64_t before = reader.version();
  CHECK(reader.version() == before);
  m_queue.enqueue(event_of("shop"), Color::blue);
  CHECK(reader.version() != before);
}
