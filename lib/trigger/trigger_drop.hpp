/// @file
/// TriggerDrop: puts trigger files into a folder, for somebody who may do more than we may.
///
/// Invariant: a file is there whole and on disk, or not at all: it is written under a hidden name and then renamed,
/// which is when whoever watches the folder sees it. Over one that is there it is one: both ask for the same.
#pragma once

#include "core/descriptor.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace teal {

class TriggerDrop {
public:
  /// Removes what killed predecessors left half-written an hour ago or earlier. Throws Error(environment) where there
  /// is no such folder, or nothing can be put into it.
  explicit TriggerDrop(std::filesystem::path folder);

  /// `name` has to be a trigger file's (is_trigger_file_name). From any thread. Throws Error(environment).
  void put(const std::string& name, std::string_view line) const;

private:
  std::filesystem::path m_path;
  Descriptor m_folder;
};

} // namespace teal
