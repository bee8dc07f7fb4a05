#include "store/migrations.hpp"

#include "core/error.hpp"
#include "store/schema.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

namespace teal {

namespace {

int version_of(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

/// Makes the next version, unless another process did while we waited for the lock.
void migrate_from(SQLite::Database& database, int version) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (version_of(database) != version) {
    return;
  }
  database.exec(k_schemas[static_cast<std::size_t>(version)]);
  database.exec(fmt::format("PRAGMA user_version = {}", version + 1));
  transaction.commit();
}

} // namespace

void migrate(SQLite::Database& database) {
  const int newest = static_cast<int>(k_schemas.size());
  int version = version_of(database);
  while (version >= 0 && version < newest) {
    migrate_from(database, version);
    version = version_of(database);
  }
  if (version != newest) {
    throw Error(
        ErrorKind::environment,
        fmt::format("cannot use state.db '{}': its schema has version {}, and this tealhook knows none above {}; "
                    "install the newer tealhook that wrote it",
                    database.getFilename(), version, newest));
  }
}

} // namespace teal
