#include "store/repositories.hpp"

#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

void OwnRepositories::add(const std::filesystem::path& repository, std::string_view app) {
  in_store(m_database.handle(), "remember a repository", [&] {
    change(m_database.handle(), "INSERT OR REPLACE INTO repositories (path, app) VALUES (?, ?)",
           {repository.string(), std::string(app)});
  });
}

bool OwnRepositories::forget(const std::filesystem::path& repository) {
  return in_store(m_database.handle(), "forget a repository", [&] {
    return change(m_database.handle(), "DELETE FROM repositories WHERE path = ?", {repository.string()}) > 0;
  });
}

std::vector<std::filesystem::path> OwnRepositories::list(std::string_view app) const {
  return in_store(m_database.handle(), "read the repositories", [&] {
    SQLite::Statement row(m_database.handle(), "SELECT path FROM repositories WHERE app = ? ORDER BY path");
    bind_values(row, {std::string(app)});
    std::vector<std::filesystem::path> found;
    while (row.executeStep()) {
      found.emplace_back(row.getColumn(0).getString());
    }
    return found;
  });
}

} // namespace teal
