#include "config/loader.hpp"

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace teal {

namespace {

/// The part of `name` that stands in a map with the given prefix ("health." or ""), or nothing.
std::string_view part_after(std::string_view prefix, std::string_view name) {
  return name.starts_with(prefix) ? name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size())
                                  : std::string_view();
}

std::string kinds_text(const Texts& kinds) {
  return fmt::format("{} {}", kinds.size() == 1 ? "kind" : "kinds", join(kinds, ", "));
}

/// What a map is read with: the keys of the file, or those of one group.
struct Scope {
  const std::vector<SettingKey>& keys;
  std::string base{}; ///< what messages put before a key's name: "" or "targets.site."
  std::string kind{}; ///< of the group

  /// The key of that name, or null. Names that another kind has are not known here.
  [[nodiscard]] const SettingKey* find(std::string_view name) const {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const auto& one) { return one.name == name && one.is_of(kind); });
    return key == keys.end() ? nullptr : &*key;
  }

  [[nodiscard]] bool has_section(const std::string& name) const {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const SettingKey& key) { return key.name.starts_with(name + "."); });
  }

  /// The kinds that have the key where this one has not; empty: none has.
  [[nodiscard]] Texts other_kinds(std::string_view name) const {
    Texts kinds;
    for (const SettingKey& key : keys) {
      if (key.name == name) {
        kinds.insert(kinds.end(), key.in_group.kinds.begin(), key.in_group.kinds.end());
      }
    }
    return kinds;
  }

  /// The key of the section `prefix` that is most like `name`, if any is like it at all.
  [[nodiscard]] std::string nearest_key(std::string_view name, const std::string& prefix) const {
    std::vector<std::string> candidates;
    for (const SettingKey& key : keys) {
      if (const std::string_view candidate = part_after(prefix, key.name); !candidate.empty() && key.is_of(kind)) {
        candidates.emplace_back(candidate);
      }
    }
    return nearest(name, candidates);
  }
};

class LayerReader {
public:
  LayerReader(const std::string& file, SettingKey::Trust author) : m_file(file), m_author(author) {}

  [[nodiscard]] Origins read(const YamlNode& root, const std::vector<SettingKey>& keys) {
    read_section(root, {keys}, "");
    return std::move(m_origins);
  }

private:
  [[noreturn]] void fail(int line, const std::string& what) const { fail_at(place(line), what); }
  [[nodiscard]] std::string place(int line) const { return fmt::format("{}:{}", m_file, line); }

  /// `prefix` is "" for all of the scope, else the section's name and a dot.
  void read_section(const YamlNode& section, const Scope& scope, const std::string& prefix) {
    if (section.kind == YamlNode::Kind::null) {
      return; // all of it is commented out
    }
    if (section.kind != YamlNode::Kind::map) {
      fail(section.line, not_a_section(scope.base + prefix, scope, prefix));
    }
    for (const YamlNode& entry : section.children) {
      read_entry(entry, scope, prefix);
    }
  }

  static std::string not_a_section(const std::string& name, const Scope& scope, const std::string& prefix) {
    if (name.empty()) {
      return "no settings: give 'key: value' lines";
    }
    const auto example = std::find_if(scope.keys.begin(), scope.keys.end(),
                                      [&](const SettingKey& key) { return key.name.starts_with(prefix); });
    return fmt::format("'{}' is a section: give keys below it, such as '{}{}'", name.substr(0, name.size() - 1),
                       scope.base, example->name);
  }

  void read_entry(const YamlNode& entry, const Scope& scope, const std::string& prefix) {
    const std::string name = prefix + entry.key;
    if (const SettingKey* key = scope.find(name)) {
      read_key(entry, *key, scope.base + name);
    } else if (scope.has_section(name)) {
      read_section(entry, scope, name + ".");
    } else {
      fail(entry.line, unknown(name, prefix, scope));
    }
  }

  void read_key(const YamlNode& node, const SettingKey& key, const std::string& name) {
    if (m_author == SettingKey::Trust::pushed && key.trust == SettingKey::Trust::server) {
      fail(node.line, fmt::format("'{}' can only be set in app.yml on the server", name));
    }
    if (key.groups) {
      read_groups(node, *key.groups, name);
    } else {
      read_value(node, key, name);
    }
    m_origins.insert_or_assign(name, place(node.line));
  }

  void read_value(const YamlNode& node, const SettingKey& key, const std::string& name) const {
    try {
      key.binding.read(node);
    } catch (const BadValue& bad) {
      fail(bad.line, fmt::format("'{}' {}", name, bad.why));
    }
  }

  void read_groups(const YamlNode& node, const Groups& groups, const std::string& name) {
    const bool is_map = groups.names.has_value();
    const auto wanted = is_map ? YamlNode::Kind::map : YamlNode::Kind::list;
    if (node.kind != wanted && node.kind != YamlNode::Kind::null) { // null: all of it is commented out
      fail(node.line, is_map ? fmt::format("'{}' is no map: give a name and, below it, keys for each", name)
                             : fmt::format("'{}' is no list: give '- key: value' lines", name));
    }
    Texts names;
    for (const YamlNode& member : node.children) {
      if (is_map && !groups.names->allows(member.key)) {
        fail(member.line,
             fmt::format("'{}' has the name '{}': {}", name, shorten(printable(member.key), 80), groups.names->hint));
      }
      names.push_back(member.key);
    }
    groups.make(names);
    const std::vector<Group> all = groups.all(); // a map's are in another order
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const YamlNode& member = node.children[i];
      const auto group =
          is_map ? std::find_if(all.begin(), all.end(), [&](const Group& one) { return one.place == "." + member.key; })
                 : all.begin() + static_cast<std::ptrdiff_t>(i);
      read_group(member, group->keys, name + group->place);
    }
    require_unique(all, name);
  }

  void read_group(const YamlNode& node, const std::vector<SettingKey>& keys, const std::string& name) {
    Scope scope{keys, name + "."};
    if (node.kind != YamlNode::Kind::map) {
      fail(node.line, not_a_section(scope.base, scope, ""));
    }
    const auto kind = std::find_if(node.children.begin(), node.children.end(),
                                   [](const YamlNode& entry) { return entry.key == key::k_kind; });
    if (const SettingKey* key = scope.find(key::k_kind)) { // it decides which keys there are
      if (kind == node.children.end()) {
        fail(node.line, missing(*key, name));
      }
      read_value(*kind, *key, scope.base + kind->key);
      scope.kind = kind_of(keys);
    }
    read_section(node, scope, "");
    require_needed(node, scope, name);
  }

  static std::string missing(const SettingKey& key, const std::string& group) {
    return fmt::format("'{}.{}' is missing: {}", group, key.name, key.doc);
  }

  void require_needed(const YamlNode& node, const Scope& scope, const std::string& name) const {
    Texts choices;
    Texts given;
    for (const SettingKey& key : scope.keys) {
      const bool is_given = m_origins.contains(scope.base + std::string(key.name));
      if (!key.is_of(scope.kind)) {
        continue;
      }
      if (key.in_group.need == SettingKey::Need::required && !is_given) {
        fail(node.line, missing(key, name));
      }
      if (key.in_group.need == SettingKey::Need::one_of) {
        (is_given ? given : choices).emplace_back(key.name);
      }
    }
    if (given.size() > 1) {
      fail(node.line, fmt::format("'{}' has {}: give one of them", name, join(given, " and ")));
    }
    if (given.empty() && !choices.empty()) {
      fail(node.line, fmt::format("'{}' has none of {}: give one of them", name, join(choices, ", ")));
    }
  }

  void require_unique(const std::vector<Group>& groups, const std::string& name) const {
    std::map<std::pair<std::string_view, std::string>, std::string> seen;
    for (const Group& group : groups) {
      for (const SettingKey& key : group.keys) {
        const std::string full = fmt::format("{}{}.{}", name, group.place, key.name);
        const auto origin = m_origins.find(full);
        if (!key.in_group.unique || origin == m_origins.end()) {
          continue;
        }
        const std::string value = key.binding.show();
        if (const auto [earlier, is_new] = seen.emplace(std::pair(key.name, value), full); !is_new) {
          fail_at(origin->second, fmt::format("'{}' is {}, which '{}' is too", full, value, earlier->second));
        }
      }
    }
  }

  static std::string unknown(const std::string& name, const std::string& prefix, const Scope& scope) {
    const std::string shown = shorten(printable(scope.base + name), 80);
    if (const Texts kinds = scope.other_kinds(name); !kinds.empty()) {
      return fmt::format("'{}' is a key of {}, and this is of kind {}", shown, kinds_text(kinds), scope.kind);
    }
    const std::string meant = scope.nearest_key(std::string_view(name).substr(prefix.size()), prefix);
    if (meant.empty()) {
      return fmt::format("unknown key '{}': it is not known to this version of tealhook", shown);
    }
    return fmt::format("unknown key '{}' (did you mean '{}{}{}'?)", shown, scope.base, prefix, meant);
  }

  const std::string& m_file;
  SettingKey::Trust m_author;
  Origins m_origins;
};

} // namespace

Origins read_layer(const std::vector<SettingKey>& keys, const SettingsText& text, SettingKey::Trust author) {
  return LayerReader(text.name, author).read(parse_yaml(text), keys);
}

void fail_at(const std::string& origin, const std::string& what) {
  throw Error(ErrorKind::settings, fmt::format("{}: {}", origin, what));
}

} // namespace teal
