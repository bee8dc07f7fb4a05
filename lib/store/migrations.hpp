/// @file
/// Migrations: bring a state.db of any older schema version to this program's, one transaction a version.
///
/// Invariant: PRAGMA user_version and the tables change in the same transaction, so a killed migration leaves the older
/// version whole. Several processes may migrate one file at once: each version is made by whoever gets there first.
#pragma once

namespace SQLite {
class Database;
}

namespace teal {

/// The connection's foreign keys must be off: a table that is made anew would take with it what refers to its rows.
/// Throws Error(environment) where the file was written by a newer tealhook.
void migrate(SQLite::Database& database);

} // namespace teal
