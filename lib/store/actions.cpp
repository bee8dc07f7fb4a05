#include "store/actions.hpp"

#include "core/glob.hpp"
#include "store/rows.hpp"
#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

constexpr const char* k_read = "read the actions";

Action read_action(SQLite::Statement& row) {
  return {
      .id = row.getColumn("id").getInt64(),
      .app = row.getColumn("app").getString(),
      .verb = row.getColumn("verb").getString(),
      .who = row.getColumn("who").getString(),
      .at = to_time(row.getColumn("at").getInt64()),
      .text = row.getColumn("text").getString(),
      .origin = {.door = read_trigger(row.getColumn("door").getString()), .from = row.getColumn("origin").getString()},
      .refused = row.getColumn("refused").getInt() != 0,
      .deployment = row.getColumn("deployment_id").getInt64()};
}

/// `condition` follows WHERE.
std::vector<Action> find_actions(SQLite::Database& database, const std::string& condition, const Values& values) {
  SQLite::Statement row(database, "SELECT * FROM actions WHERE " + condition + " ORDER BY id DESC LIMIT ?");
  bind_values(row, values);
  std::vector<Action> found;
  while (row.executeStep()) {
    found.push_back(read_action(row));
  }
  return found;
}

/// The patterns that something was granted for, and that `app` matches.
std::vector<std::string> patterns_of(SQLite::Database& database, const std::string& app) {
  SQLite::Statement row(database, "SELECT DISTINCT app FROM actions WHERE refused = 0 AND app GLOB '*[*?]*'");
  std::vector<std::string> found;
  while (row.executeStep()) {
    if (std::string pattern = row.getColumn(0).getString(); matches_glob(pattern, app)) {
      found.push_back(std::move(pattern));
    }
  }
  return found;
}

} // namespace

void Actions::add(const Action& action) {
  in_store(m_database.handle(), "store an action", [&] { insert_action(m_database.handle(), action, m_clock.now()); });
}

std::vector<Action> Actions::list(std::string_view app, std::size_t limit) const {
  return in_store(m_database.handle(), k_read, [&] {
    return find_actions(m_database.handle(), "app = ? AND refused = 0 AND deployment_id = 0 AND verb <> 'push'",
                        {std::string(app), static_cast<std::int64_t>(limit)});
  });
}

std::vector<Action> Actions::audit(const std::optional<std::string>& app, std::size_t limit) const {
  return in_store(m_database.handle(), k_read, [&] {
    SQLite::Database& database = m_database.handle();
    std::string condition = "1";
    Values values;
    if (app) {
      condition = "app IN (?";
      values.emplace_back(*app);
      for (std::string& pattern : patterns_of(database, *app)) {
        condition += ", ?";
        values.emplace_back(std::move(pattern));
      }
      condition += ")";
    }
    values.emplace_back(static_cast<std::int64_t>(limit));
    return find_actions(database, condition, values);
  });
}

} // namespace teal
