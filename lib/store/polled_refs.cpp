#include "store/polled_refs.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

std::vector<PolledRef> PolledRefs::list(std::string_view app, std::string_view source) const {
  return in_store(m_database.handle(), "read what was polled", [&] {
    SQLite::Statement row(m_database.handle(), "SELECT ref, commit_id, since, asked FROM polled_refs "
                                               "WHERE app = ? AND source = ? ORDER BY ref");
    bind_values(row, {std::string(app), std::string(source)});
    std::vector<PolledRef> found;
    while (row.executeStep()) {
      found.push_back({.ref = row.getColumn(0).getString(),
                       .commit = row.getColumn(1).getString(),
                       .since = to_time(row.getColumn(2).getInt64()),
                       .asked = to_time(row.getColumn(3).getInt64())});
    }
    return found;
  });
}

void PolledRefs::replace(std::string_view app, std::string_view source, const std::vector<PolledRef>& refs) {
  in_transaction(m_database, "store what was polled", [&](SQLite::Database& sql) {
    change(sql, "DELETE FROM polled_refs WHERE app = ? AND source = ?", {std::string(app), std::string(source)});
    SQLite::Statement insert(sql, "INSERT INTO polled_refs (app, source, ref, commit_id, since, asked) "
                                  "VALUES (?, ?, ?, ?, ?, ?)");
    for (const PolledRef& one : refs) {
      bind_values(insert, {std::string(app), std::string(source), one.ref, one.commit, to_number(one.since),
                           to_number(one.asked)});
      insert.exec();
      insert.reset();
    }
    return 0;
  });
}

} // namespace teal
