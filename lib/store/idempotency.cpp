#include "store/idempotency.hpp"

#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace teal {

std::optional<IdempotencyKeys::Known> IdempotencyKeys::find(std::string_view who, std::string_view key) const {
  return in_store(m_database.handle(), "read what was asked for", [&]() -> std::optional<Known> {
    SQLite::Statement row(m_database.handle(),
                          "SELECT deployment_id, request FROM idempotency_keys WHERE who = ? AND key = ?");
    bind_values(row, {std::string(who), std::string(key)});
    if (!row.executeStep()) {
      return std::nullopt;
    }
    return Known{.deployment = row.getColumn(0).getInt64(), .request = row.getColumn(1).getString()};
  });
}

} // namespace teal
