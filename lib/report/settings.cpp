#include "report/settings.hpp"

#include "config/yaml.hpp"
#include "core/text.hpp"
#include "report/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

namespace teal {

namespace {

namespace json = boost::json;

json::value scalar_json(const std::string& text) {
  if (const auto number = parse_integer(text); number && std::to_string(*number) == text) {
    return *number;
  }
  return text == "true" || text == "false" ? json::value(text == "true") : json::value(to_text(text));
}

json::value tree_json(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) {
    return scalar_json(node.text);
  }
  if (node.kind == YamlNode::Kind::list) {
    json::array items;
    for (const YamlNode& child : node.children) {
      items.push_back(tree_json(child));
    }
    return items;
  }
  if (node.kind == YamlNode::Kind::null) {
    return nullptr;
  }
  json::object entries;
  for (const YamlNode& child : node.children) {
    entries[to_text(child.key)] = tree_json(child);
  }
  return entries;
}

/// Of each map that is called "env", wherever it stands.
void hide_variables(json::value& tree) {
  if (auto* items = tree.if_array()) {
    for (json::value& item : *items) {
      hide_variables(item);
    }
  }
  if (auto* entries = tree.if_object()) {
    for (auto& entry : *entries) {
      auto* variables = entry.key() == "env" ? entry.value().if_object() : nullptr;
      if (variables == nullptr) {
        hide_variables(entry.value());
        continue;
      }
      for (auto& variable : *variables) {
        variable.value() = k_hidden;
      }
    }
  }
}

} // namespace

json::value settings_json(const SettingsText& text) {
  json::value tree = tree_json(parse_yaml(text));
  return tree.is_null() ? json::value(json::object()) : tree;
}

json::value public_settings_json(const SettingsText& text) {
  json::value tree = settings_json(text);
  hide_variables(tree);
  return tree;
}

} // namespace teal
