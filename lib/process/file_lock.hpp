/// @file
/// FileLock: an exclusive lock on a file that dies with its holder.
///
/// Invariant: it is an OS lock on an open file description that no child inherits (F_OFD_SETLK, O_CLOEXEC); the file's
/// mere existence means nothing, and a killed holder leaves nothing behind.
#pragma once

#include "core/clock.hpp"
#include "core/descriptor.hpp"

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace teal {

class FileLock {
public:
  /// The lock, or nothing if another holds it. Makes the file where it is missing.
  /// Throws Error(environment) if it cannot be opened.
  [[nodiscard]] static std::optional<FileLock> try_acquire(const std::filesystem::path& file);
  /// Whether somebody holds it, without ever holding it oneself. False where the file is missing.
  [[nodiscard]] static bool is_held(const std::filesystem::path& file);
  /// Waits, woken by the holders' going, until one of `files` is free. Nothing if none is within `patience`.
  [[nodiscard]] static std::optional<FileLock> acquire_any(const std::vector<std::filesystem::path>& files,
                                                           Milliseconds patience);

  FileLock(FileLock&& from) noexcept = default;
  FileLock& operator=(FileLock&& from) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

private:
  explicit FileLock(Descriptor descriptor) : m_descriptor(std::move(descriptor)) {}
  Descriptor m_descriptor;
};

} // namespace teal
