#include "store/database.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "store/migrations.hpp"
#include "store/sql.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace teal {

namespace {

constexpr int k_busy_timeout_ms = 5000;
constexpr std::uintmax_t k_least_room = 1 << 20U; ///< of what one deployment leaves in store and log, many times

/// mknod, because it makes a file without opening it: closing a descriptor of a database file would drop the POSIX
/// locks that other threads of this process hold on it (sqlite.org/howtocorrupt.html, section 2.2).
void make_private_file(const std::filesystem::path& file) {
  const bool there = ::mknod(file.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0 || errno == EEXIST;
  if (!there || ::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) != 0) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot open state.db '{}': {}", file.string(), system_reason(errno)));
  }
}

/// SQLite does not wait for other openers of a fresh file here as it does elsewhere, so the waiting is ours.
void enter_wal_mode(SQLite::Database& database) {
  const Stopwatch waited;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (const SQLite::Exception& fault) {
      if (fault.getErrorCode() != SQLITE_BUSY || waited.elapsed() > Milliseconds(k_busy_timeout_ms)) {
        throw;
      }
    }
    std::this_thread::sleep_for(Milliseconds(2));
  }
}

std::unique_ptr<SQLite::Database> open(const std::filesystem::path& file) {
  make_private_file(file);
  try {
    auto database = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE, k_busy_timeout_ms);
    enter_wal_mode(*database);
    database->exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF");
    migrate(*database);
    database->exec("PRAGMA foreign_keys = ON");
    return database;
  } catch (...) {
    rethrow_as_error("open the tables", file.string());
  }
}

} // namespace

Database::Database(const std::filesystem::path& file) : m_database(open(file)) {}

void Database::require_writable() const {
  const std::filesystem::path file = file_of(*m_database);
  std::error_code unknown;
  if (const auto space = std::filesystem::space(file.parent_path(), unknown);
      !unknown && space.available < k_least_room) {
    throw Error(ErrorKind::environment, fmt::format("cannot store anything in state.db '{}': only {} are free on its "
                                                    "disk; make room there",
                                                    file.string(), format_size(space.available)));
  }
  in_store(*m_database, "store anything",
           [&] { const SQLite::Transaction held(*m_database, SQLite::TransactionBehavior::IMMEDIATE); });
}

std::int64_t Database::version() const {
  return in_store(*m_database, "read the version",
                  [&] { return m_database->execAndGet("PRAGMA data_version").getInt64(); });
}

std::filesystem::path Database::change_file() const {
  return file_of(*m_database) + "-wal"; // sqlite.org/walformat.html, 1
}

Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

} // namespace teal
