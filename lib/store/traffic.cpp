#include "store/traffic.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

Live read_live(SQLite::Statement& row) {
  return {.id = row.getColumn("id").getInt64(),
          .app = row.getColumn("app").getString(),
          .color = read_color(row.getColumn("color").getString()),
          .release = row.getColumn("release_id").getInt64(),
          .deployment = row.getColumn("deployment_id").getInt64(),
          .commit = row.getColumn("commit_id").getString(),
          .who = row.getColumn("who").getString(),
          .at = to_time(row.getColumn("at").getInt64())};
}

} // namespace

std::optional<Live> TrafficLog::live(std::string_view app) const {
  auto newest = history(app, 1);
  return newest.empty() ? std::nullopt : std::optional(std::move(newest.front()));
}

std::vector<Live> TrafficLog::history(std::string_view app, std::size_t limit) const {
  return in_store(m_database.handle(), "read what is live", [&] {
    SQLite::Statement row(m_database.handle(), "SELECT * FROM live WHERE app = ? ORDER BY id DESC LIMIT ?");
    bind_values(row, {std::string(app), static_cast<std::int64_t>(limit)});
    std::vector<Live> found;
    while (row.executeStep()) {
      found.push_back(read_live(row));
    }
    return found;
  });
}

void TrafficLog::move(const Live& live) {
  in_store(m_database.handle(), "store what is live", [&] {
    change(m_database.handle(),
           "INSERT INTO live (app, color, release_id, deployment_id, commit_id, who, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
           {live.app, std::string(to_string(live.color)), live.release, live.deployment, live.commit, live.who,
            to_number(m_clock.now())});
  });
}

std::optional<Freeze> TrafficLog::freeze(std::string_view app) const {
  return in_store(m_database.handle(), "read a freeze",
                  [&] { return find_freeze(m_database.handle(), std::string(app)); });
}

int TrafficLog::set_freeze(const Freeze& freeze, const Origin& origin) {
  const TimePoint now = m_clock.now();
  return in_transaction(m_database, "store a freeze", [&](SQLite::Database& sql) {
    change(sql, "INSERT OR REPLACE INTO freezes (app, who, why, at) VALUES (?, ?, ?, ?)",
           {freeze.app, freeze.who, freeze.why, to_number(now)});
    insert_action(
        sql, {.app = freeze.app, .verb = "freeze", .who = freeze.who, .at = {}, .text = freeze.why, .origin = origin},
        now);
    return cancel_for(freeze, sql, now);
  });
}

bool TrafficLog::remove_freeze(std::string_view app, std::string_view who, const Origin& origin) {
  const Action action{.app = std::string(app),
                      .verb = "unfreeze",
                      .who = std::string(who),
                      .at = {},
                      .text = "deploys again",
                      .origin = origin};
  return in_transaction(m_database, "remove a freeze", [&](SQLite::Database& sql) {
    const bool was_frozen = change(sql, "DELETE FROM freezes WHERE app = ?", {action.app}) > 0;
    if (was_frozen) {
      insert_action(sql, action, m_clock.now());
    }
    return was_frozen;
  });
}

} // namespace teal
