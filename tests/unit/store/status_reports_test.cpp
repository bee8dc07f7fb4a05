#include "store/schema.hpp"
#include "store/status_reports.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "a deployment is looked at once, and its report stays open until it is closed") {
  StatusReports reports(m_database);
  const auto first = deploy("shop", Color::blue, Status::ready);
  const auto second = deploy("web", Color::blue, Status::failed);
  const auto unseen = reports.unseen();
  REQUIRE(unseen.size() == 2);
  CHECK(unseen[0].deployment == first);
  CHECK(unseen[0].app == "shop");
  CHECK(unseen[0].who == "ann");
  CHECK(unseen[1].repository == "/srv/tealhook/apps/web/blue.git");
  reports.open({{first, "hub"}}, second, m_clock.now());
  CHECK(reports.unseen().empty());
  auto open = reports.list();
  REQUIRE(open.size() == 1);
  CHECK(open[0].deployment == first);
  CHECK(open[0].source == "hub");
  CHECK(open[0].app == "shop");
  CHECK(open[0].reported.empty());
  CHECK(open[0].since == m_clock.now());
  open[0].reported = "pending";
  open[0].remote_id = "77";
  open[0].attempts = 3;
  open[0].next_try = m_clock.now() + std::chrono::minutes(1);
  reports.update(open[0]);
  const auto updated = reports.list().at(0);
  CHECK(updated.reported == "pending");
  CHECK(updated.remote_id == "77");
  CHECK(updated.attempts == 3);
  CHECK(updated.next_try == m_clock.now() + std::chrono::minutes(1));
  reports.close(first);
  CHECK(reports.list().empty());
  const auto third = deploy("shop", Color::blue, Status::ready);
  REQUIRE(reports.unseen().size() == 1);
  CHECK(reports.unseen()[0].deployment == third);
}

TEST_CASE_METHOD(StoreFixture, "nobody is told of an app that was removed") {
  StatusReports reports(m_database);
  const auto id = deploy("shop", Color::blue, Status::ready);
  reports.open({{id, "hub"}}, id, m_clock.now());
  const auto late = deploy("shop", Color::blue, Status::ready);
  m_history.forget_app("shop");
  CHECK(reports.list().empty());
  reports.open({{late, "hub"}}, late, m_clock.now());
  CHECK(reports.list().empty());
}

TEST_CASE("what was deployed before there were reports is not reported") {
  const TempFolder folder;
  const auto file = folder.path() / "state.db";
  {
    SQLite::Database raw(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (int version = 0; version < 7; ++version) {
      raw.exec(k_schemas[static_cast<std::size_t>(version)]);
    }
    raw.exec("PRAGMA user_version = 7;"
             "INSERT INTO events (id, app, door, repository, ref, old_commit, new_commit, subject, who, at) "
             "VALUES (1, 'shop', 'webhook', '/r', 'refs/heads/main', '', 'c', 's', 'source:hub', 5);"
             "INSERT INTO deployments (id, event_id, app, destination, status, created) "
             "VALUES (9, 1, 'shop', 'blue', 'failed', 1)");
  }
  Database database(file);
  CHECK(StatusReports(database).unseen().empty());
}
