#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "store/deliveries.hpp"
#include "store/migrations.hpp"
#include "store/schema.hpp"
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
  CHECK(version_of(database) == static_cast<int>(k_schemas.size()));
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
                                        "': its schema has version 99, and this tealhook knows none above " +
                                        std::to_string(k_schemas.size()) +
                                        "; install the newer tealhook that wrote it");
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

TEST_CASE("a store of the second version is brought on with its rows and all that refers to them") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  SQLite::Database raw(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  raw.exec(k_schemas[0]);
  raw.exec(k_schemas[1]);
  raw.exec(R"sql(
    PRAGMA user_version = 2;
    INSERT INTO events (id, app, door, repository, ref, old_commit, new_commit, subject, who, at)
      VALUES (1, 'shop', 'push', '/srv/live.git', 'refs/heads/main', '', 'c', 's', 'ann', 5);
    INSERT INTO releases (id, app, commit_id, subject, repository, digest, created)
      VALUES (3, 'shop', 'c', 's', 'localhost:5000/shop', 'sha256:0a', 6), (4, 'shop', 'd', 's', 'r', 'sha256:0b', 7);
    DELETE FROM releases WHERE id = 4;
    INSERT INTO release_settings (release_id, settings, pushed, env) VALUES (3, 'bind: x', NULL, 'A=1');
    INSERT INTO deployments (id, event_id, app, color, status, to_idle, follow, from_release, release_id, created, started)
      VALUES (1, 1, 'shop', 'green', 'live', 1, 1, 0, 3, 1, 2), (2, 1, 'shop', 'blue', 'queued', 1, 0, 0, NULL, 1, NULL),
             (3, 1, 'shop', 'blue', 'failed', 0, 0, 1, 3, 1, 2);
    INSERT INTO steps (deployment_id, name, status, started) VALUES (1, 'build', 'done', 3);
  )sql");
  Database database(file);
  const History history(database);
  const Deployment live = history.deployment(1).value();
  CHECK(live.destination == Destination::live());
  CHECK(live.color == Color::green);
  CHECK(live.release == 3);
  CHECK(live.steps.size() == 1);
  CHECK(live.event.trigger == Trigger::push);
  const Deployment waiting = history.deployment(2).value();
  CHECK(waiting.destination == Destination::idle());
  CHECK_FALSE(waiting.color);
  CHECK(history.deployment(3).value().destination == Color::blue);
  const Release release = history.release(3).value();
  CHECK(release.target == "docker");
  CHECK(release.identity == "localhost:5000/shop@sha256:0a");
  CHECK(release.artifact == "localhost:5000/shop@sha256:0a");
  CHECK(history.release_settings(3).value().env == "A=1");

  CHECK_FALSE(database.handle().execAndGet("PRAGMA foreign_keys").getInt() == 0);
  SQLite::Database same(file.string());
  CHECK(same.execAndGet("SELECT count(*) FROM pragma_foreign_key_check").getInt() == 0);
  const SetClock clock;
  Queue queue(database, clock);
  REQUIRE(queue.begin(2, Color::blue));
  CHECK(queue.add_release(2, release_of("shop", 'e')) == 5); // 4 was given once
  History(database).forget_release(3);
  CHECK(history.deployment(3).value().release == 0);
}

TEST_CASE("deliveries of the seventh version keep their headers and payloads and what waits is due at once") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  SQLite::Database raw(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  for (std::size_t version = 0; version < 7; ++version) {
    raw.exec(k_schemas[version]);
  }
  raw.exec(R"sql(
    PRAGMA user_version = 7;
    INSERT INTO deliveries (id, app, source, sender, refs, at, headers, payload)
      VALUES (4, 'shop', 'hub', 'a', 'refs/heads/main c', 5, 'X-GitHub-Event: push', '{"of":"a"}');
    INSERT INTO events (id, app, door, repository, ref, old_commit, new_commit, subject, who, at)
      VALUES (1, 'shop', 'push', '/srv/live.git', 'refs/heads/main', '', 'c', 's', 'ann', 5);
    INSERT INTO deployments (id, event_id, app, destination, status, created) VALUES (1, 1, 'shop', 'blue', 'queued', 1);
  )sql");
  Database database(file);
  const StoredDelivery found = Deliveries(database).find(4).value();
  CHECK(found.headers == "X-GitHub-Event: push");
  CHECK(found.payload == "{\"of\":\"a\"}");
  CHECK(found.deployment == 0);
  const SetClock clock;
  CHECK(Queue(database, clock).next("shop").value().id == 1);
  CHECK_FALSE(History(database).deployment(1).value().due);
}
