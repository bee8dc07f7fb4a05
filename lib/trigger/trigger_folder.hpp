/// @file
/// TriggerFolder: a folder whose files ask for a deployment by their names.
///
/// The caller's sequence: construct, which refuses a folder that others may change; take() a name; refuse_unless_fit();
/// store what it asks for; forget() it. What a predecessor took, and had not forgotten, is among left_over(), and goes
/// on from there.
///
/// Invariant: a file is moved into a folder of our own, and only there looked at, so that nobody can put another one in
/// its place. It is removed once its caller says so, and never otherwise: one that is refused is kept in ".refused".
/// Nothing in it is ever run; its first line is for the log.
#pragma once

#include "core/clock.hpp"
#include "core/descriptor.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teal {

/// One that was taken.
struct TriggerFile {
  std::string id;   ///< no other has it; the same after a restart
  std::string name; ///< as it was in the folder
};

class TriggerFolder {
public:
  static constexpr off_t k_largest = off_t{1} << 20U;

  /// Throws Error(environment) where it cannot be opened, or no folder can be made in it; Error(settings) where others
  /// may change it: see require_trigger_folder().
  explicit TriggerFolder(std::filesystem::path path);

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

  /// A name in the folder that may be a trigger file's. Whether it has been as it is for long enough to be whole is for
  /// whoever did not see it being closed or moved there.
  struct Found {
    std::string name;
    TimePoint changed;
  };
  /// Throws Error(environment) where they cannot be read, or the folder was removed.
  [[nodiscard]] std::vector<Found> names() const;

  /// Nothing where it is not there (any more). Throws Error(environment) where it cannot be taken.
  [[nodiscard]] std::optional<TriggerFile> take(const std::string& name) const;
  /// Taken, and not forgotten, oldest first; what is being worked on is among them.
  [[nodiscard]] std::vector<TriggerFile> left_over() const;
  /// Why one that was taken is not to be followed, and where it is kept now; nothing if it is. `owner` may put it there
  /// beside root, ourselves and the folder's owner.
  [[nodiscard]] std::optional<std::string> refuse_unless_fit(const TriggerFile& file, std::optional<uid_t> owner) const;
  /// Printable, at most 200 bytes; empty where it has none, or cannot be read.
  [[nodiscard]] std::string first_line(const TriggerFile& file) const;
  /// From any thread. Throws Error(environment) where it cannot be removed.
  void forget(const TriggerFile& file) const;

private:
  [[nodiscard]] std::optional<std::string> why_unfit(const std::string& claimed, std::optional<uid_t> owner) const;

  std::filesystem::path m_path;
  Descriptor m_folder;
  uid_t m_owner; ///< the folder's
  Descriptor m_claimed;
};

/// Throws Error(environment) where there is no such folder, Error(settings), with what to do, where others than its
/// owner could take away or replace what somebody else put there: it is writable for a group or for all, and has no
/// sticky bit.
void require_trigger_folder(const std::filesystem::path& path);

} // namespace teal
