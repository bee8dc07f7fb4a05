#include "store/statistics.hpp"

#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

constexpr const char* k_over = "status IN ('live', 'ready', 'failed', 'superseded', 'cancelled')";

void add(DurationTotals& totals, std::int64_t milliseconds) {
  ++totals.count;
  totals.milliseconds += static_cast<std::uint64_t>(milliseconds);
  for (std::size_t i = 0; i < DurationTotals::k_bounds.size(); ++i) {
    if (static_cast<double>(milliseconds) <= DurationTotals::k_bounds.at(i) * 1000) {
      ++totals.up_to.at(i);
    }
  }
}

/// Of those over, from `first` to `last`.
void count(SQLite::Database& database, std::int64_t first, std::int64_t last, DeploymentTotals& totals) {
  const Values range{first, last};
  SQLite::Statement outcome(database, std::string("SELECT status, count(*) FROM deployments WHERE id BETWEEN ? AND ? "
                                                  "AND ") +
                                          k_over + " GROUP BY status");
  bind_values(outcome, range);
  while (outcome.executeStep()) {
    totals.outcomes[outcome.getColumn(0).getString()] += static_cast<std::uint64_t>(outcome.getColumn(1).getInt64());
  }
  SQLite::Statement step(database, std::string("SELECT s.name, s.duration_ms FROM deployments d "
                                               "JOIN steps s ON s.deployment_id = d.id "
                                               "WHERE d.id BETWEEN ? AND ? AND s.status <> 'running' AND d.") +
                                       k_over);
  bind_values(step, range);
  while (step.executeStep()) {
    add(totals.steps[step.getColumn(0).getString()], step.getColumn(1).getInt64());
  }
}

std::int64_t number(SQLite::Database& database, const std::string& sql) {
  return numbers(database, sql, {}).front();
}

} // namespace

DeploymentTotals Statistics::totals(const Database& database) {
  SQLite::Database& sql = database.handle();
  return in_store(sql, "count deployments", [&] {
    const std::int64_t newest = number(sql, "SELECT coalesce(max(id), 0) FROM deployments");
    // A step may still run once its deployment has its outcome.
    const std::int64_t open = number(
        sql, "SELECT min(coalesce((SELECT min(id) FROM deployments WHERE status IN ('queued', 'running')), 1 << 62), "
             "coalesce((SELECT min(deployment_id) FROM steps WHERE status = 'running'), 1 << 62))");
    const std::int64_t settled = std::min(newest, open - 1);
    if (settled > m_settled_id) {
      count(sql, m_settled_id + 1, settled, m_settled);
      m_settled_id = settled;
    }
    DeploymentTotals totals = m_settled;
    count(sql, m_settled_id + 1, newest, totals);
    return totals;
  });
}

PendingCounts Statistics::pending(const Database& database) {
  SQLite::Database& sql = database.handle();
  return in_store(sql, "count deployments", [&] {
    const std::string of = "SELECT count(*) FROM deployments WHERE status IN ('queued', 'running') AND status = ";
    return PendingCounts{.queued = number(sql, of + "'queued'"), .running = number(sql, of + "'running'")};
  });
}

} // namespace teal
