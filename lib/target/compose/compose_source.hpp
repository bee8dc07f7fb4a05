/// @file
/// ComposeSource: a compose file as it was pushed, read before compose itself reads it.
///
/// Invariant: what compose reads by name (env_file, extends, include) lies in the commit, for it reads as tealhook's
/// own user, and whoever pushes writes these names.
#pragma once

#include "config/yaml.hpp"

#include <filesystem>
#include <string>

namespace teal {

class ComposeSource {
public:
  /// `file` is in `tree`; empty: compose.yaml, or one of the other names that compose looks for. Throws Error(settings)
  /// "compose.yaml:12: …" where it is missing, no YAML, or names what is not in the tree.
  [[nodiscard]] static ComposeSource read(const std::filesystem::path& tree, const std::string& file);

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
  /// In the tree: "deploy/compose.yaml".
  [[nodiscard]] const std::string& name() const { return m_name; }
  /// "compose.yaml:12": where the key stands below services, volumes or networks (`section`), or the nearest above it.
  [[nodiscard]] std::string place(std::string_view section, std::string_view member, std::string_view key = {}) const;

private:
  std::filesystem::path m_path;
  std::string m_name;
  YamlNode m_root;
};

} // namespace teal
