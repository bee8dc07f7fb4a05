#include "config/loader.hpp"

#include "core/error.hpp"
#include "core/nearest.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace teal {

namespace {

/// The part of `name` that stands in a map with the given prefix ("health." or ""), or nothing.
std::string_view part_after(std::string_view prefix, std::string_view name) {
  return name.starts_with(prefix) ? name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size())
                                  : std::string_view();
}

class LayerReader {
public:
  LayerReader(const std::vector<SettingKey>& keys, const std::string& file, SettingKey::Trust author)
      : m_keys(keys), m_file(file), m_author(author) {}

  [[nodiscard]] Origins read(const YamlNode& root) {
    read_section(root, "");
    return std::move(m_origins);
  }

private:
  [[noreturn]] void fail(int line, const std::string& what) const { fail_at(place(line), what); }
  [[nodiscard]] std::string place(int line) const { return fmt::format("{}:{}", m_file, line); }

  /// `prefix` is "" for the whole file, else the section's name and a dot.
  void read_section(const YamlNode& section, const std::string& prefix) {
    if (section.kind == YamlNode::Kind::null) {
      return; // all of it is commented out
    }
    if (section.kind != YamlNode::Kind::map) {
      fail(section.line, prefix.empty() ? std::string("no settings: give 'key: value' lines")
                                        : fmt::format("'{}' is a section: give keys below it, such as '{}'",
                                                      prefix.substr(0, prefix.size() - 1), example(prefix)));
    }
    for (const YamlNode& entry : section.children) {
      read_entry(entry, prefix);
    }
  }

  void read_entry(const YamlNode& entry, const std::string& prefix) {
    const std::string name = prefix + entry.key;
    const auto key =
        std::find_if(m_keys.begin(), m_keys.end(), [&](const SettingKey& known) { return known.name == name; });
    if (key != m_keys.end()) {
      read_value(entry, *key);
    } else if (is_section(name)) {
      read_section(entry, name + ".");
    } else {
      fail(entry.line, unknown(name, prefix));
    }
  }

  void read_value(const YamlNode& node, const SettingKey& key) {
    if (m_author == SettingKey::Trust::pushed && key.trust == SettingKey::Trust::server) {
      fail(node.line, fmt::format("'{}' can only be set in app.yml on the server", key.name));
    }
    try {
      key.binding.read(node);
    } catch (const BadValue& bad) {
      fail(bad.line, fmt::format("'{}' {}", key.name, bad.why));
    }
    m_origins.insert_or_assign(std::string(key.name), place(node.line));
  }

  [[nodiscard]] bool is_section(const std::string& name) const {
    return std::any_of(m_keys.begin(), m_keys.end(),
                       [&](const SettingKey& key) { return key.name.starts_with(name + "."); });
  }

  [[nodiscard]] std::string_view example(const std::string& prefix) const {
    return std::find_if(m_keys.begin(), m_keys.end(),
                        [&](const SettingKey& key) { return key.name.starts_with(prefix); })
        ->name;
  }

  [[nodiscard]] std::string unknown(const std::string& name, const std::string& prefix) const {
    const std::string shown = shorten(printable(name), 80);
    const std::string meant = nearest_key(std::string_view(name).substr(prefix.size()), prefix);
    if (meant.empty()) {
      return fmt::format("unknown key '{}': it is not known to this version of tealhook", shown);
    }
    return fmt::format("unknown key '{}' (did you mean '{}{}'?)", shown, prefix, meant);
  }

  /// The key of the same section that is most like `name`, if any is like it at all.
  [[nodiscard]] std::string nearest_key(std::string_view name, const std::string& prefix) const {
    std::vector<std::string> candidates;
    for (const SettingKey& key : m_keys) {
      if (const std::string_view candidate = part_after(prefix, key.name); !candidate.empty()) {
        candidates.emplace_back(candidate);
      }
    }
    return nearest(name, candidates);
  }

  const std::vector<SettingKey>& m_keys;
  const std::string& m_file;
  SettingKey::Trust m_author;
  Origins m_origins;
};

} // namespace

Origins read_layer(const std::vector<SettingKey>& keys, const SettingsText& text, SettingKey::Trust author) {
  return LayerReader(keys, text.name, author).read(parse_yaml(text));
}

void fail_at(const std::string& origin, const std::string& what) {
  throw Error(ErrorKind::settings, fmt::format("{}: {}", origin, what));
}

} // namespace teal
