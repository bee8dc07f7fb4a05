#include "store/sql.hpp"

#include "core/error.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

namespace teal {

namespace {

ErrorKind kind_of(int code) {
  switch (code) {
  case SQLITE_BUSY:
    return ErrorKind::busy;
  case SQLITE_CONSTRAINT:
    return ErrorKind::internal;
  default:
    return ErrorKind::environment;
  }
}

/// What mends it, as the end of a message, or nothing.
std::string advice(int code, const std::string& file) {
  constexpr std::uintmax_t k_little = 64 << 10U;
  std::error_code unknown;
  const bool has_room = std::filesystem::space(std::filesystem::path(file).parent_path(), unknown).available > k_little;
  if (code == SQLITE_FULL || (!has_room && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN))) {
    return "; make room on its disk, then run: tealhook recover";
  }
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    return "; put a copy of it back, or move it away to begin anew: what runs is not touched by that";
  }
  return code == SQLITE_BUSY ? fmt::format("; another process holds it: fuser -v {}", file) : "";
}

} // namespace

LazySync::LazySync(SQLite::Database& database) : m_database(database) {
  static_cast<void>(m_database.tryExec("PRAGMA synchronous = NORMAL")); // of WAL: it waits for no disk
}

LazySync::~LazySync() {
  static_cast<void>(m_database.tryExec("PRAGMA synchronous = FULL"));
}

void bind_values(SQLite::Statement& statement, const Values& values) {
  int index = 0;
  for (const Value& value : values) {
    ++index;
    std::visit(
        [&](const auto& bound) {
          if constexpr (std::is_same_v<std::decay_t<decltype(bound)>, std::nullptr_t>) {
            statement.bind(index);
          } else {
            statement.bind(index, bound);
          }
        },
        value);
  }
}

int change(SQLite::Database& database, const std::string& sql, const Values& values) {
  SQLite::Statement statement(database, sql);
  bind_values(statement, values);
  return statement.exec();
}

std::vector<std::int64_t> numbers(SQLite::Database& database, const std::string& sql, const Values& values) {
  SQLite::Statement statement(database, sql);
  bind_values(statement, values);
  std::vector<std::int64_t> found;
  while (statement.executeStep()) {
    found.push_back(statement.getColumn(0).getInt64());
  }
  return found;
}

void rethrow_as_error(std::string_view doing, const std::string& file) {
  try {
    throw;
  } catch (const SQLite::Exception& fault) {
    throw Error(kind_of(fault.getErrorCode()), fmt::format("cannot {} in state.db '{}': {}{}", doing, file,
                                                           fault.what(), advice(fault.getErrorCode(), file)));
  }
}

const std::string& file_of(const SQLite::Database& database) {
  return database.getFilename();
}

} // namespace teal
