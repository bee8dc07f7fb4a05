#include "store/old_events.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

constexpr const char* k_doing = "forget old events";
constexpr std::int64_t k_always_kept = 100; ///< deployments of an app
constexpr std::size_t k_forgotten_at_once = 300;

/// What may be forgotten of an app once it is old, oldest first: what a source asked for last stays, and what of that
/// it had deployed well.
constexpr const char* k_forgettable =
    "SELECT d.id, d.event_id, d.created, d.status NOT IN ('queued', 'running') AND d.release_id IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.deployment_id = d.id AND s.status = 'running') "
    "AND (e.door NOT IN ('webhook', 'registry', 'poll', 'file') OR EXISTS ("
    "  SELECT 1 FROM events m JOIN deployments n ON n.event_id = m.id "
    "  WHERE m.door IN ('webhook', 'registry', 'poll', 'file') AND m.app = e.app AND m.who = e.who AND m.ref = e.ref "
    "  AND m.id > e.id AND (d.status NOT IN ('live', 'ready') OR n.status IN ('live', 'ready')))) "
    "FROM deployments d JOIN events e ON e.id = d.event_id WHERE d.app = ?1 AND d.id < "
    "(SELECT id FROM deployments WHERE app = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) ORDER BY d.id";

struct Forgettable {
  std::int64_t deployment;
  std::int64_t event;
};

/// Ids grow with time, so the first that is not old ends the search.
std::vector<Forgettable> forgettable(SQLite::Database& database, const std::string& app, std::int64_t before) {
  SQLite::Statement row(database, k_forgettable);
  bind_values(row, {app, k_always_kept - 1});
  std::vector<Forgettable> found;
  while (found.size() < k_forgotten_at_once && row.executeStep() && row.getColumn(2).getInt64() < before) {
    if (row.getColumn(3).getInt() != 0) {
      found.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getInt64()});
    }
  }
  return found;
}

} // namespace

std::vector<std::int64_t> forget_old_deployments(Database& database, std::string_view app, TimePoint before) {
  const auto found = in_store(database.handle(), k_doing,
                              [&] { return forgettable(database.handle(), std::string(app), to_number(before)); });
  std::vector<std::int64_t> forgotten;
  if (found.empty()) {
    return forgotten;
  }
  in_transaction(database, k_doing, [&](SQLite::Database& sql) {
    for (const Forgettable& one : found) {
      change(sql, "DELETE FROM deployments WHERE id = ?", {one.deployment});
      change(sql, "DELETE FROM events WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deployments WHERE event_id = ?1)",
             {one.event});
      forgotten.push_back(one.deployment);
    }
    return 0;
  });
  return forgotten;
}

} // namespace teal
