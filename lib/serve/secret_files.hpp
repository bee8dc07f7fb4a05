/// @file
/// SecretFiles: the secrets of a source, as its files are now.
///
/// Each look costs a stat(2) a file; they are read again when one changed, so that a rotated secret needs no reload.
#pragma once

#include "core/error.hpp"
#include "trigger/webhook.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace teal::serve {

/// What tells a file from what it was.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = -1; ///< there is no such file
  std::int64_t modified = 0;
  bool operator==(const FileState&) const = default;
};
[[nodiscard]] FileState state_of(const std::filesystem::path& file);

class SecretFiles {
public:
  SecretFiles() = default;
  /// That of the secret before, too, while it changes.
  explicit SecretFiles(const std::vector<std::filesystem::path>& files);

  /// What they have, if one changed since it was last asked. What is wrong with one is told, and the others count.
  [[nodiscard]] std::optional<webhook::Secrets> read_if_changed(const std::function<void(const Error&)>& tell);

private:
  struct SecretFile {
    std::filesystem::path path;
    std::optional<FileState> state; ///< as it was when it was read
  };
  std::vector<SecretFile> m_files;
};

/// The secrets of a file: a line each, at most two. Throws Error(settings) for more, or if there is none, and
/// Error(environment) if it cannot be read; no message quotes one.
[[nodiscard]] webhook::Secrets read_secrets(const std::filesystem::path& file);

} // namespace teal::serve
