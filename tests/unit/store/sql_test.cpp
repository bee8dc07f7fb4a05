#include "core/error.hpp"
#include "store/sql.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <functional>
#include <stdexcept>

using namespace teal;

namespace {

ErrorKind kind_thrown_by(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind();
  }
  throw std::runtime_error("no error was thrown");
}

} // namespace

TEST_CASE_METHOD(StoreFixture, "a store that another keeps locked is busy, and the error says which file") {
  const Database other(m_file);
  const SQLite::Transaction held(other.handle(), SQLite::TransactionBehavior::IMMEDIATE);
  m_database.handle().exec("PRAGMA busy_timeout = 1");
  CHECK(kind_thrown_by([&] { m_queue.enqueue(event_of("shop"), {Color::blue}); }) == ErrorKind::busy);
  CHECK_THROWS_WITH(m_queue.enqueue(event_of("shop"), {Color::blue}),
                    "cannot queue a deployment in state.db '" + m_file.string() +
                        "': database is locked; another process holds it: fuser -v " + m_file.string());
}

TEST_CASE_METHOD(StoreFixture, "the disk is waited for but where that is lazy") {
  const auto level = [this] { return m_database.handle().execAndGet("PRAGMA synchronous").getInt(); };
  {
    const LazySync lazy(m_database.handle());
    CHECK(level() == 1);
  }
  CHECK(level() == 2);
  const SQLite::Transaction held(m_database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
  const LazySync none(m_database.handle());
  CHECK(level() == 2); // not within a transaction
}

TEST_CASE_METHOD(StoreFixture, "a full disk is said in words, and leaves nothing by half") {
  m_database.handle().exec("PRAGMA max_page_count = 1");
  CHECK_THROWS_WITH(m_queue.enqueue(event_of("shop", std::string(20'000, 'x')), {Color::blue}),
                    "cannot queue a deployment in state.db '" + m_file.string() +
                        "': database or disk is full; make room on its disk, then run: tealhook recover");
  m_database.handle().exec("PRAGMA max_page_count = 1000000");
  CHECK(m_history.deployments("shop", 10).empty());
  CHECK(m_database.handle().execAndGet("SELECT count(*) FROM events").getInt() == 0);
}

TEST_CASE_METHOD(StoreFixture, "rows that refer to nothing are a defect of the caller") {
  CHECK(kind_thrown_by([&] { m_queue.begin_step(99, StepName::build); }) == ErrorKind::internal);
}

TEST_CASE_METHOD(StoreFixture, "an exception that is not SQLite's passes through the store as it is") {
  const auto fail = [] { throw std::out_of_range("mine"); };
  CHECK_THROWS_AS(in_store(m_database.handle(), "do it", fail), std::out_of_range);
}
