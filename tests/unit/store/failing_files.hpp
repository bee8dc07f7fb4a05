/// @file
/// FailingFiles: SQLite's files on a disk that fails when the test says so.
#pragma once

#include <sqlite3.h>

#include <map>

namespace teal {

/// For all databases that this process opens after prepare(). Nothing is ever synced: no test ends the host.
class FailingFiles {
public:
  static void prepare() {
    static sqlite3_vfs s_files = [] {
      sqlite3_vfs files = *::sqlite3_vfs_find(nullptr);
      files.zName = "failing";
      files.xOpen = open;
      return files;
    }();
    ::sqlite3_vfs_register(&s_files, 1);
  }

  /// After `writes` that go well, the next one fails with `code`, and if that is SQLITE_FULL all that follow, too.
  FailingFiles(int writes, int code) {
    s_writes_left = writes;
    s_code = code;
  }
  FailingFiles(const FailingFiles&) = delete;
  FailingFiles& operator=(const FailingFiles&) = delete;
  ~FailingFiles() { s_code = SQLITE_OK; }

private:
  static int open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    sqlite3_vfs* real = ::sqlite3_vfs_find("unix");
    const int result = real->xOpen(real, name, file, flags, out_flags);
    if (result == SQLITE_OK) {
      auto [methods, is_new] = s_methods.try_emplace(file->pMethods, *file->pMethods);
      if (is_new) {
        s_write = file->pMethods->xWrite;
        methods->second.xWrite = write;
        methods->second.xSync = [](sqlite3_file* /*file*/, int /*flags*/) { return SQLITE_OK; };
      }
      file->pMethods = &methods->second;
    }
    return result;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    const bool fails = s_code != SQLITE_OK && --s_writes_left < 0;
    if (!fails) {
      return s_write(file, data, size, offset);
    }
    const int code = s_code;
    s_code = code == SQLITE_FULL ? code : SQLITE_OK;
    return code;
  }

  inline static std::map<const sqlite3_io_methods*, sqlite3_io_methods> s_methods; ///< with and without locks
  inline static decltype(sqlite3_io_methods::xWrite) s_write = nullptr;            ///< of all of them
  inline static int s_writes_left = 0;
  inline static int s_code = SQLITE_OK;
};

} // namespace teal
