/// @file
/// SQL as the store speaks it: prepared statements with bound values, and SQLite's failures as Errors. Inside store
/// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace SQLite {
class Database;
class Statement;
} // namespace SQLite

namespace teal {

using Value = std::variant<std::int64_t, std::string, std::nullptr_t>;
using Values = std::vector<Value>;

/// Bind `values` to the statement's '?', in order.
void bind_values(SQLite::Statement& statement, const Values& values);
/// Run a statement that answers nothing. Returns how many rows it changed.
int change(SQLite::Database& database, const std::string& sql, const Values& values);
/// Run a statement that answers rows with one number each, and return those.
[[nodiscard]] std::vector<std::int64_t> numbers(SQLite::Database& database, const std::string& sql,
                                                const Values& values);

/// While it is there, what is stored outlives any process, but not that the host loses its power, until something else
/// is stored by anybody. Not within a transaction.
class LazySync {
public:
  explicit LazySync(SQLite::Database& database);
  LazySync(const LazySync&) = delete;
  LazySync& operator=(const LazySync&) = delete;
  ~LazySync();

private:
  SQLite::Database& m_database;
};

/// To be called in a catch block: what SQLite threw becomes Error "cannot DOING in state.db 'FILE': …"; busy where
/// others held the file too long, internal where the rows would contradict each other. Any other exception passes as it
/// is.
[[noreturn]] void rethrow_as_error(std::string_view doing, const std::string& file);
/// The file of `database`, for messages.
[[nodiscard]] const std::string& file_of(const SQLite::Database& database);

/// Run `work`; SQLite's failures leave it as Errors.
template <class Work>
decltype(auto) in_store(const SQLite::Database& database, std::string_view doing, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    rethrow_as_error(doing, file_of(database));
  }
}

} // namespace teal
