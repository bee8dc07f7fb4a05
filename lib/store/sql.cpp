#include "store/sql.hpp"

#include "core/error.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

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

} // namespace

void bind(SQLite::Statement& statement, const Values& values) {
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
  bind(statement, values);
  return statement.exec();
}

std::vector<std::int64_t> numbers(SQLite::Database& database, const std::string& sql, const Values& values) {
  SQLite::Statement statement(database, sql);
  bind(statement, values);
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
    throw Error(kind_of(fault.getErrorCode()),
                fmt::format("cannot {} in state.db '{}': {}", doing, file, fault.what()));
  }
}

const std::string& file_of(const SQLite::Database& database) {
  return database.getFilename();
}

} // namespace teal
