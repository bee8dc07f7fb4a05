/// @file
/// AtomicFile: a file that appears whole and on disk, or not at all.
///
/// The destructor does not commit: after an exception halfway, the old content must stay.
#pragma once

#include "core/descriptor.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace teal {

/// What of a file that is replaced is on disk when that returns. Every process sees the new one by then, or, where it
/// was not to be, the old one; this is what a host finds that has lost its power since.
enum class Sync {
  all,     ///< the new one
  content, ///< the old one or the new one, whole; half of what `all` takes
  none,    ///< it may even be empty: of what is made anew then
};

class AtomicFile {
public:
  /// Opens a temporary file beside `target` with `mode`. Throws Error(environment) if it cannot.
  explicit AtomicFile(std::filesystem::path target, mode_t mode = 0644);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view data);
  /// Sync the file, rename it over the target, sync the folder: as much of that as `sync` says.
  void commit(Sync sync = Sync::all);

private:
  std::filesystem::path m_target;
  std::string m_temporary;
  Descriptor m_descriptor;
};

/// AtomicFile in one call.
void write_file(const std::filesystem::path& target, std::string_view data, mode_t mode = 0644, Sync sync = Sync::all);
/// The file's content. Throws Error(environment) if it cannot be read or is larger than `limit` bytes.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::size_t limit = std::size_t{16} << 20U);

} // namespace teal
