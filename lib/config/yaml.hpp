/// @file
/// YamlNode: a YAML text as a tree of plain values that know their line. The only user of yaml-cpp is yaml.cpp.
///
/// Invariant: a tree is finite: anchors and aliases are refused, or stand for so much at most; and no map in it has a
/// key twice.
#pragma once

#include "config/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct YamlNode {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  int line = 1;                   ///< of the key in a map, else of the value
  std::string key;                ///< in a map
  std::string text;               ///< of a scalar
  bool quoted = false;            ///< in quotes or a block: a text, whatever it looks like
  std::size_t offset = 0;         ///< of the value in the source, in bytes
  std::size_t key_offset = 0;     ///< of the key, in a map
  bool flow = false;              ///< a list or map in brackets
  std::vector<YamlNode> children; ///< of a list or a map, in the order of the text

  /// The value of a map's key; null where there is none.
  [[nodiscard]] const YamlNode* find(std::string_view name) const;
  /// That value's text; empty where there is none.
  [[nodiscard]] std::string text_at(std::string_view name) const;
};

enum class YamlAliases {
  refused,  ///< settings write their values out
  skipped,  ///< null in place of what was read already, where its anchor stands
  expanded, ///< to 100,000 nodes in all
};

/// The text's one document; null where it is empty. Throws Error(settings) "name:line: …".
[[nodiscard]] YamlNode parse_yaml(const SettingsText& text, YamlAliases aliases = YamlAliases::refused);

/// `text` as a YAML scalar that parse_yaml reads back, in quotes where it needs them.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

/// The tree as a YAML text, each value of the type that it was read as.
[[nodiscard]] std::string write_yaml(const YamlNode& root);

} // namespace teal
