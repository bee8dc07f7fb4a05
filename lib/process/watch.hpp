/// @file
/// Watch: sleep until one of some files or folders changes, or a time has come.
///
/// It always works: with inotify where the kernel has a watch to give (fs.inotify.max_user_instances and _watches are
/// few, and all programs of a user share them), else by waking up now and then. A return promises no change, so the
/// caller looks, and waits again.
#pragma once

#include "core/clock.hpp"
#include "core/descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <vector>

namespace teal {

class Watch {
public:
  /// A change is a write to a file, or to one in a folder, and the closing of one that was open for writing.
  explicit Watch(std::vector<std::filesystem::path> paths) : m_paths(std::move(paths)) {}

  /// Until something changed since the last call returned; at the latest until `limit`.
  void wait(std::chrono::steady_clock::time_point limit);

private:
  void begin();
  [[nodiscard]] Milliseconds pause();

  std::vector<std::filesystem::path> m_paths;
  Stopwatch m_age;
  Descriptor m_events; ///< empty before the watch begins, and where there is none to be had
  bool m_has_begun = false;
  int m_looks = 0; ///< since the last change
};

} // namespace teal
