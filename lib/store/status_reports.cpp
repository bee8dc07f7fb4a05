#include "store/status_reports.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

constexpr const char* k_read = "read what forges were told";
constexpr const char* k_store = "store what forges were told";

} // namespace

std::vector<StatusReports::Unseen> StatusReports::unseen() const {
  return in_store(m_database.handle(), k_read, [&] {
    SQLite::Statement row(
        m_database.handle(),
        "SELECT d.id, d.app, e.who, e.repository FROM deployments d JOIN events e ON e.id = d.event_id "
        "WHERE d.id > (SELECT max(deployment_id) FROM report_cursor) ORDER BY d.id LIMIT 500");
    std::vector<Unseen> found;
    while (row.executeStep()) {
      found.push_back({.deployment = row.getColumn(0).getInt64(),
                       .app = row.getColumn(1).getString(),
                       .who = row.getColumn(2).getString(),
                       .repository = row.getColumn(3).getString()});
    }
    return found;
  });
}

void StatusReports::open(const std::vector<Opened>& reports, std::int64_t last, TimePoint now) {
  in_transaction(m_database, k_store, [&](SQLite::Database& sql) {
    for (const Opened& one : reports) {
      // An app that was removed meanwhile took its deployments along.
      change(sql,
             "INSERT OR IGNORE INTO status_reports (deployment_id, source, since) "
             "SELECT id, ?, ? FROM deployments WHERE id = ?",
             {one.source, to_number(now), one.deployment});
    }
    change(sql, "UPDATE report_cursor SET deployment_id = ?1 WHERE deployment_id < ?1", {last});
    return 0;
  });
}

std::vector<StatusReport> StatusReports::list() const {
  return in_store(m_database.handle(), k_read, [&] {
    SQLite::Statement row(m_database.handle(), "SELECT r.*, d.app FROM status_reports r "
                                               "JOIN deployments d ON d.id = r.deployment_id ORDER BY r.deployment_id");
    std::vector<StatusReport> found;
    while (row.executeStep()) {
      found.push_back({.deployment = row.getColumn("deployment_id").getInt64(),
                       .app = row.getColumn("app").getString(),
                       .source = row.getColumn("source").getString(),
                       .reported = row.getColumn("reported").getString(),
                       .remote_id = row.getColumn("remote_id").getString(),
                       .attempts = row.getColumn("attempts").getInt(),
                       .next_try = to_time(row.getColumn("next_try").getInt64()),
                       .since = to_time(row.getColumn("since").getInt64())});
    }
    return found;
  });
}

void StatusReports::update(const StatusReport& report) {
  in_store(m_database.handle(), k_store, [&] {
    change(m_database.handle(),
           "UPDATE status_reports SET reported = ?, remote_id = ?, attempts = ?, next_try = ? WHERE deployment_id = ?",
           {report.reported, report.remote_id, static_cast<std::int64_t>(report.attempts), to_number(report.next_try),
            report.deployment});
  });
}

void StatusReports::close(std::int64_t deployment) {
  in_store(m_database.handle(), k_store,
           [&] { change(m_database.handle(), "DELETE FROM status_reports WHERE deployment_id = ?", {deployment}); });
}

} // namespace teal
