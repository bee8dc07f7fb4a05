/// @file
/// CheckoutIndex: what the last checkout left in the work tree, a record a folder, each file with its blob and stat
/// data.
///
/// Not git's index format: at 40,000 files libgit2 takes 25 ms and 12 MB to read and write that one, and it has no room
/// for the trees and attributes that a folder was made from. It only ever saves work: a folder's contents are those of
/// its tree's id, a file is taken for unchanged if all of its entry agrees with what is on disk, and a damaged index
/// fails its checksum. So one that is missing, stale or torn costs time, never exactness. It is of this machine and
/// this build alone: fields are in the machine's byte order.
#pragma once

#include "git/work_file.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::git {

struct IndexFile {
  std::string_view name;
  FileKind kind = FileKind::regular;
  git_oid id{};
  FileStat stat;
};

/// What is remembered of a folder; nothing equals the default one.
struct IndexFolder {
  git_oid tree{};
  git_oid attributes{};
  FileStat stat; ///< before its names were listed and found to be those of the tree; all zero if that is not so
  std::vector<IndexFile> files; ///< sorted by name, as the next
  std::vector<TreeSubfolder> folders;
};

/// The record of a folder in that state, whose files are in these, in the order of `folder.files`.
[[nodiscard]] std::string make_record(const TreeFolder& folder, const FileStat& state,
                                      const std::vector<FileStat>& file_states);
/// The names are good as long as `record` is. The default one if the record is empty or damaged.
[[nodiscard]] IndexFolder parse_record(std::string_view record);

class CheckoutIndex {
public:
  CheckoutIndex() = default;
  CheckoutIndex(CheckoutIndex&&) = default;
  CheckoutIndex& operator=(CheckoutIndex&&) = default;
  CheckoutIndex(const CheckoutIndex&) = delete; // a copy's records would lie in the original
  CheckoutIndex& operator=(const CheckoutIndex&) = delete;
  ~CheckoutIndex() = default;

  /// Empty if there is no file, or none that can be understood.
  [[nodiscard]] static CheckoutIndex load(const std::filesystem::path& file);
  /// Replaces the file as a whole. Throws Error(environment).
  static void save(const std::filesystem::path& file, const std::vector<std::string_view>& records);

  [[nodiscard]] std::size_t folder_count() const { return m_records.size(); }
  /// The record of the folder at `path`; empty if there is none.
  [[nodiscard]] std::string_view record(std::string_view path) const;

  /// Whether a file of that state may have been written to since, with no trace in its times: they are no finer than
  /// the kernel's tick, so what was changed in the tick of the index's own writing proves nothing.
  [[nodiscard]] bool is_racy(const FileStat& stat) const { return stat.changed >= m_written; }

private:
  std::string m_bytes;
  std::map<std::string_view, std::string_view> m_records;
  std::int64_t m_written = 0;
};

} // namespace teal::git
