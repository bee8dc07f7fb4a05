#include "store/source_checks.hpp"

#include "store/rows.hpp"
#include "store/sql.hpp"
#include "store/transaction.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

namespace {

constexpr const char* k_read = "read what was checked of a source";
constexpr const char* k_store = "store what was checked of a source";

} // namespace

std::optional<TimePoint> SourceChecks::checked(std::string_view app, std::string_view source) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<TimePoint> {
    const auto found = numbers(m_database.handle(), "SELECT at FROM source_checks WHERE app = ? AND source = ?",
                               {std::string(app), std::string(source)});
    return found.empty() ? std::nullopt : std::optional(to_time(found.front()));
  });
}

void SourceChecks::set_checked(std::string_view app, std::string_view source, TimePoint at) {
  in_store(m_database.handle(), k_store, [&] {
    change(m_database.handle(), "INSERT OR REPLACE INTO source_checks (app, source, at) VALUES (?, ?, ?)",
           {std::string(app), std::string(source), to_number(at)});
  });
}

std::optional<std::string> SourceChecks::commit(std::string_view app, std::string_view source,
                                                std::string_view ref) const {
  return in_store(m_database.handle(), k_read, [&]() -> std::optional<std::string> {
    SQLite::Statement row(m_database.handle(),
                          "SELECT commit_id FROM source_refs WHERE app = ? AND source = ? AND ref = ?");
    bind_values(row, {std::string(app), std::string(source), std::string(ref)});
    return row.executeStep() ? std::optional(row.getColumn(0).getString()) : std::nullopt;
  });
}

void SourceChecks::set_commit(std::string_view app, std::string_view source, std::string_view ref,
                              std::string_view commit) {
  in_store(m_database.handle(), k_store, [&] {
    change(m_database.handle(), "INSERT OR REPLACE INTO source_refs (app, source, ref, commit_id) VALUES (?, ?, ?, ?)",
           {std::string(app), std::string(source), std::string(ref), std::string(commit)});
  });
}

void SourceChecks::forget(std::string_view app, std::string_view source) {
  in_transaction(m_database, "forget what was checked of a source", [&](SQLite::Database& sql) {
    for (const std::string table : {"source_checks", "source_refs"}) {
      change(sql, "DELETE FROM " + table + " WHERE app = ? AND source = ?", {std::string(app), std::string(source)});
    }
    return 0;
  });
}

} // namespace teal
