#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "store/migrations.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

namespace {

int version_of(const Database& database) {
  return database.handle().execAndGet("PRAGMA user_version").getInt();
}

} // namespace

TEST_CASE("an empty file becomes a store of the current version") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  write_file(file, "");
  Database database(file);
  CHECK(version_of(database) == 3);
  CHECK(History(database).deployments("shop", 1).empty());
}

TEST_CASE_METHOD(StoreFixture, "a store of the current version is opened as it is") {
  const auto id = deploy("shop", Color::blue, Status::ready);
  Database again(m_file);
  CHECK(History(again).deployment(id).has_value());
}

TEST_CASE("a store that a newer tealhook wrote is refused in words and left alone") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  { Database(file).handle().exec("PRAGMA user_version = 99"); }
  CHECK_THROWS_WITH(Database(file), "cannot use state.db '" + file.string() +
                                        "': its schema has version 99, and this tealhook knows none above 3; "
                                        "install the newer tealhook that wrote it");
  SQLite::Database raw(file.string(), SQLite::OPEN_READWRITE);
  CHECK(raw.execAndGet("PRAGMA user_version").getInt() == 99);
}

TEST_CASE("a migration that fails leaves the older version whole") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  SQLite::Database raw(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  raw.exec("CREATE TABLE steps (in_the_way INTEGER)");
  CHECK_THROWS_AS(Database(file), Error);
  CHECK(raw.execAndGet("PRAGMA user_version").getInt() == 0);
  CHECK_FALSE(raw.tableExists("events"));
}
