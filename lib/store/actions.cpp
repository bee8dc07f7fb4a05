#include "store/actions.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

void Actions::add(const Action& action) {
  in_store(m_database.handle(), "store an action", [&] { insert_action(m_database.handle(), action, m_clock.now()); });
}

std::vector<Action> Actions::list(std::string_view app, std::size_t limit) const {
  return in_store(m_database.handle(), "read the actions", [&] {
    SQLite::Statement row(m_database.handle(), "SELECT * FROM actions WHERE app = ? ORDER BY id DESC LIMIT ?");
    bind(row, {std::string(app), static_cast<std::int64_t>(limit)});
    std::vector<Action> found;
    while (row.executeStep()) {
      found.push_back({.id = row.getColumn("id").getInt64(),
                       .app = row.getColumn("app").getString(),
                       .verb = row.getColumn("verb").getString(),
                       .who = row.getColumn("who").getString(),
                       .at = to_time(row.getColumn("at").getInt64()),
                       .text = row.getColumn("text").getString()});
    }
    return found;
  });
}

} // namespace teal
