#include "store/migrations.hpp"

#include "core/error.hpp"
#include "store/schema.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>

namespace teal {

namespace {

// The SQL that makes version N of version N-1 stands at N-1. Append; never edit one that was released.
const std::array k_migrations{k_schema, k_schema_2, k_schema_4};
const int k_version = static_cast<int>(k_migrations.size());

int version_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

/// Makes the next version, unless another process did while we waited for the lock.
void migrate_from(SQLite::Database& database, int version) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (version_of(database) != version) {
    return;
  }
  database.exec(k_migrations.at(static_cast<std::size_t>(version)));
  database.exec(fmt::format("PRAGMA user_version = {}", version + 1));
  transaction.commit();
}

} // namespace

void migrate(SQLite::Database& database) {
  int version = version_of(database);
  while (version >= 0 && version < k_version) {
    migrate_from(database, version);
    version = version_of(database);
  }
  if (version != k_version) {
    throw Error(
        ErrorKind::environment,
        fmt::format("cannot use state.db '{}': its schema has version {}, and this tealhook knows none above {}; "
                    "install the newer tealhook that wrote it",
                    database.getFilename(), version, k_version));
  }
}

} // namespace teal
