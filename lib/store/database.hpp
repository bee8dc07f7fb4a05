/// @file
/// Database: the home's state.db, an SQLite file in WAL mode, at the schema version of this program.
///
/// Invariant: what a call has stored is on disk when it returns (synchronous=FULL), but for what is stored under a
/// LazySync, and a failed or killed one has stored nothing. Several processes use it at once.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace SQLite {
class Database;
}

namespace teal {

class Database {
public:
  /// Opens the file, makes it where missing (mode 0600), and brings an older schema up to date, all or nothing.
  /// Throws Error(environment) if it cannot be opened, or was written by a newer tealhook.
  explicit Database(const std::filesystem::path& file);
  Database(Database&&) noexcept;
  ~Database();

  /// Throws Error if nothing can be stored now: environment where the disk has no room for it, busy where another
  /// process holds the file for too long.
  void require_writable() const;

  /// Another number whenever another connection, of any process, has stored something. It takes microseconds.
  [[nodiscard]] std::int64_t version() const;

  /// Written to whenever something is stored, by whatever process: for a Watch.
  [[nodiscard]] std::filesystem::path change_file() const;

  [[nodiscard]] SQLite::Database& handle() const { return *m_database; }

private:
  std::unique_ptr<SQLite::Database> m_database;
};

} // namespace teal
