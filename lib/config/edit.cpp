#include "config/edit.hpp"

#include "config/yaml.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

using Kind = YamlNode::Kind;

constexpr const char* k_after_the_last = "+";
constexpr std::size_t k_indent = 2;

std::size_t line_start(const std::string& text, std::size_t at) {
  const auto feed = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  return feed == std::string::npos ? 0 : feed + 1;
}

/// Behind its line feed.
std::size_t line_end(const std::string& text, std::size_t at) {
  const auto feed = text.find('\n', at);
  return feed == std::string::npos ? text.size() : feed + 1;
}

std::size_t column_of(const std::string& text, std::size_t at) {
  return at - line_start(text, at);
}

std::string_view line_at(const std::string& text, std::size_t at) {
  return std::string_view(text).substr(at, line_end(text, at) - at);
}

bool is_blank_or_comment(std::string_view line) {
  const std::string_view words = trim(line);
  return words.empty() || words.front() == '#';
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// Behind the quoted text that begins at `at`.
std::size_t quoted_end(const std::string& text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const bool escapes = quote == '"' && text[i] == '\\';
    const bool doubles = quote == '\'' && text[i] == quote && i + 1 < text.size() && text[i + 1] == quote;
    if (escapes || doubles) {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

/// Behind the bracket that closes the one at `at`.
std::size_t bracket_end(const std::string& text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = quoted_end(text, i) - 1;
    } else if (c == '#' && text[i - 1] == ' ') {
      i = line_end(text, i) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

std::size_t plain_end(const std::string& text, std::size_t at, bool in_flow) {
  std::size_t end = at;
  for (std::size_t i = at; i < text.size() && text[i] != '\n'; ++i) {
    if ((text[i] == '#' && i > at && text[i - 1] == ' ') ||
        (in_flow && std::string_view(",]}").find(text[i]) != std::string_view::npos)) {
      break;
    }
    end = text[i] == ' ' || text[i] == '\r' ? end : i + 1;
  }
  return end;
}

/// An entry of a map or an item of a list, and the collection that it is in.
struct Position {
  const YamlNode* parent;
  const YamlNode* node;

  [[nodiscard]] bool is_in_flow() const { return parent->flow; }
  /// Of the whole entry, its key or its '-' first.
  [[nodiscard]] std::size_t begin(const std::string& text) const {
    if (parent->kind == Kind::map) {
      return node->key_offset;
    }
    return parent->flow ? node->offset : text.rfind('-', node->offset - 1);
  }
};

/// Behind the last of the lines that belong to what begins at `begin` in block style: what is further in than that, and
/// for a key's list, which may stand right below it, its items.
std::size_t block_end(const std::string& text, std::size_t begin, const YamlNode& node) {
  const std::size_t column = column_of(text, begin);
  const bool list_of_key = node.kind == Kind::list && !node.key.empty();
  std::size_t end = line_end(text, begin);
  for (std::size_t at = end; at < text.size(); at = line_end(text, at)) {
    const std::string_view line = line_at(text, at);
    if (is_blank_or_comment(line)) {
      continue;
    }
    const std::size_t indent = indent_of(line);
    if (indent < column || (indent == column && !(list_of_key && line.substr(indent).starts_with("-")))) {
      break;
    }
    end = line_end(text, at);
  }
  return end;
}

bool is_inline(const std::string& text, const Position& place) {
  return place.node->kind == Kind::scalar || place.node->flow
             ? text[place.node->offset] != '|' && text[place.node->offset] != '>' &&
                   line_start(text, place.node->offset) == line_start(text, place.begin(text))
             : false;
}

/// Of a value that begins in its key's line.
std::size_t inline_end(const std::string& text, const Position& place) {
  const std::size_t at = place.node->offset;
  if (place.node->flow) {
    return bracket_end(text, at);
  }
  return text[at] == '"' || text[at] == '\'' ? quoted_end(text, at) : plain_end(text, at, place.is_in_flow());
}

std::string with_line_feed(std::string text) {
  if (!text.empty() && text.back() != '\n') {
    text += '\n';
  }
  return text;
}

/// A line of ours that shows `key` commented out, below the section that begins at `from`: where it begins, or nothing.
std::optional<std::size_t> find_commented(const std::string& text, std::size_t from, std::size_t end,
                                          const std::string& key) {
  for (std::size_t at = from; at < end; at = line_end(text, at)) {
    const std::string_view words = trim(line_at(text, at));
    if (words.starts_with("#" + key + ":")) {
      return at;
    }
  }
  return std::nullopt;
}

/// The comment that ends a line, with the blanks before it.
std::string trailing_comment(std::string_view line) {
  const auto at = line.rfind(" # ");
  return at == std::string_view::npos ? "" : std::string(trim(line.substr(at)));
}

std::string entry_line(std::size_t indent, const std::string& key, const std::string& value,
                       const std::string& comment) {
  const std::string line = fmt::format("{:{}}{}: {}", "", indent, yaml_scalar(key), value);
  return comment.empty() ? line + "\n" : fmt::format("{:<36} {}\n", line, comment);
}

/// The rest of a path below an entry that is missing, as one value.
std::string nested(const SettingPath& path, std::size_t from, const std::string& value) {
  std::string whole = value;
  for (std::size_t i = path.size(); i-- > from;) {
    whole = path[i] == k_after_the_last ? fmt::format("[{}]", whole)
                                        : fmt::format("{{{}: {}}}", yaml_scalar(path[i]), whole);
  }
  return whole;
}

class Editor {
public:
  explicit Editor(const SettingsText& source)
      : m_name(source.name), m_text(with_line_feed(source.text)), m_root(parse_yaml(source)) {}

  std::string set(const SettingPath& path, const std::string& value) {
    const Found found = find(path);
    if (found.depth == path.size()) {
      replace(found.place, value);
    } else {
      add(found, path[found.depth], nested(path, found.depth + 1, value));
    }
    return m_text;
  }

  std::string unset(const SettingPath& path) {
    const Found found = find(path);
    if (found.depth == path.size()) {
      take_out(found.place);
    }
    return m_text;
  }

private:
  struct Found {
    Position place;        ///< the innermost that is there; the root's parent is null
    std::size_t depth = 0; ///< of the path, what leads there
  };

  [[nodiscard]] Found find(const SettingPath& path) const {
    Found found{{nullptr, &m_root}, 0};
    for (; found.depth < path.size(); ++found.depth) {
      const YamlNode& here = *found.place.node;
      const auto& children = here.children;
      const auto number = here.kind == Kind::list ? parse_integer(path[found.depth]) : std::nullopt;
      const auto child =
          here.kind == Kind::list
              ? children.begin() + (number && *number >= 0 ? std::min<std::ptrdiff_t>(*number, std::ssize(children))
                                                           : std::ssize(children))
              : std::find_if(children.begin(), children.end(),
                             [&](const YamlNode& one) { return one.key == path[found.depth]; });
      if (child == children.end()) {
        break;
      }
      found.place = {&here, &*child};
    }
    return found;
  }

  void replace(const Position& place, const std::string& value) {
    if (is_inline(m_text, place)) {
      m_text.replace(place.node->offset, inline_end(m_text, place) - place.node->offset, value);
      return;
    }
    const std::size_t begin = place.begin(m_text);
    const std::size_t first_end = line_end(m_text, begin);
    const std::string comment = trailing_comment(line_at(m_text, begin));
    const std::size_t column = column_of(m_text, begin);
    const std::string line = place.parent->kind == Kind::map ? entry_line(column, place.node->key, value, comment)
                                                             : fmt::format("{:{}}- {}\n", "", column, value);
    m_text.replace(line_start(m_text, begin),
                   std::max(first_end, block_end(m_text, begin, *place.node)) - line_start(m_text, begin), line);
  }

  /// A new entry of what was found, or, where that has no value yet, its first one.
  void add(const Found& found, const std::string& key, const std::string& value) {
    const YamlNode& node = *found.place.node;
    const bool is_item = key == k_after_the_last;
    if (node.flow) {
      const std::size_t close = bracket_end(m_text, node.offset) - 1;
      const std::size_t last = m_text.find_last_not_of(" \n", close - 1);
      const std::string entry = is_item ? value : fmt::format("{}: {}", yaml_scalar(key), value);
      m_text.insert(last + 1, node.children.empty() ? entry : (m_text[last] == ',' ? " " : ", ") + entry);
    } else if (node.kind == Kind::null && found.place.parent != nullptr && found.place.parent->flow) {
      m_text.insert(node.offset,
                    is_item ? fmt::format(" [{}]", value) : fmt::format(" {{{}: {}}}", yaml_scalar(key), value));
    } else {
      add_lines(found, key, value);
    }
  }

  void add_lines(const Found& found, const std::string& key, const std::string& value) {
    const YamlNode& node = *found.place.node;
    const bool is_root = found.place.parent == nullptr;
    const std::size_t own = is_root ? 0 : found.place.begin(m_text);
    const std::size_t from = is_root ? 0 : line_end(m_text, own);
    std::size_t indent = is_root ? 0 : column_of(m_text, own) + k_indent;
    if (!node.children.empty()) {
      indent = column_of(m_text, Position{&node, &node.children.front()}.begin(m_text));
    }
    if (key == k_after_the_last) {
      m_text.insert(is_root ? m_text.size() : block_end(m_text, own, node),
                    fmt::format("{:{}}- {}\n", "", indent, value));
      return;
    }
    const std::size_t end = is_root ? m_text.size() : section_end(own);
    if (const auto commented = find_commented(m_text, from, end, key);
        commented && indent_of(line_at(m_text, *commented)) == indent) {
      const std::string line = entry_line(indent, key, value, trailing_comment(line_at(m_text, *commented)));
      m_text.replace(*commented, line_end(m_text, *commented) - *commented, line);
      return;
    }
    m_text.insert(is_root ? m_text.size() : block_end(m_text, own, node), entry_line(indent, key, value, ""));
  }

  /// Where the next section begins, or the text ends: comments of this one are further in.
  [[nodiscard]] std::size_t section_end(std::size_t own) const {
    const std::size_t column = column_of(m_text, own);
    std::size_t at = line_end(m_text, own);
    while (at < m_text.size() && (trim(line_at(m_text, at)).empty() || indent_of(line_at(m_text, at)) > column)) {
      at = line_end(m_text, at);
    }
    return at;
  }

  void take_out(const Position& place) {
    const std::size_t begin = place.begin(m_text);
    if (!place.is_in_flow()) {
      const std::size_t start = line_start(m_text, begin);
      m_text.erase(start, block_end(m_text, begin, *place.node) - start);
      return;
    }
    const auto& all = place.parent->children;
    const auto index = static_cast<std::size_t>(place.node - all.data());
    if (index + 1 < all.size()) {
      m_text.erase(begin, Position{place.parent, &all[index + 1]}.begin(m_text) - begin);
    } else {
      const std::size_t end =
          place.node->kind == Kind::null ? m_text.find_first_of(",}]", begin) : inline_end(m_text, place);
      const std::size_t before = m_text.find_last_not_of(" \n", begin - 1);
      const std::size_t from = index > 0 && m_text[before] == ',' ? before : begin;
      m_text.erase(from, end - from);
    }
  }

  std::string m_name;
  std::string m_text;
  YamlNode m_root;
};

bool is_empty(const YamlNode& node) {
  return node.kind != Kind::scalar && node.children.empty();
}

/// The same values; the order of a map's keys says nothing.
bool same_values(const YamlNode& one, const YamlNode& other) {
  if (is_empty(one) || is_empty(other)) {
    return is_empty(one) && is_empty(other);
  }
  if (one.kind != other.kind || one.text != other.text || one.children.size() != other.children.size()) {
    return false;
  }
  return std::all_of(one.children.begin(), one.children.end(), [&](const YamlNode& child) {
    const auto index = &child - one.children.data();
    const auto match = one.kind == Kind::list
                           ? other.children.begin() + index
                           : std::find_if(other.children.begin(), other.children.end(),
                                          [&](const YamlNode& each) { return each.key == child.key; });
    return match != other.children.end() && same_values(child, *match);
  });
}

/// What the text is to say.
YamlNode changed(YamlNode node, const SettingPath& path, std::size_t depth, const std::optional<YamlNode>& value) {
  if (depth == path.size()) {
    YamlNode fresh = value.value_or(YamlNode());
    fresh.key = node.key;
    return fresh;
  }
  const std::string& key = path[depth];
  if (node.kind == Kind::null) {
    node.kind = key == k_after_the_last ? Kind::list : Kind::map;
  }
  const auto number = parse_integer(key);
  auto child = node.kind == Kind::list
                   ? node.children.begin() + (number ? std::min<std::ptrdiff_t>(*number, std::ssize(node.children))
                                                     : std::ssize(node.children))
                   : std::find_if(node.children.begin(), node.children.end(),
                                  [&](const YamlNode& one) { return one.key == key; });
  if (child == node.children.end()) {
    if (!value) {
      return node;
    }
    YamlNode fresh;
    fresh.key = node.kind == Kind::map ? key : "";
    child = node.children.insert(node.children.end(), std::move(fresh));
  }
  if (!value && depth + 1 == path.size()) {
    node.children.erase(child);
  } else {
    *child = changed(*child, path, depth + 1, value);
  }
  return node;
}

} // namespace

std::string edit_settings(const SettingsText& text, const SettingPath& path, const std::optional<std::string>& value) {
  const auto wanted = value ? std::optional(parse_yaml({"the new value", *value})) : std::nullopt;
  const YamlNode goal = changed(parse_yaml(text), path, 0, wanted);
  std::string edited = value ? Editor(text).set(path, *value) : Editor(text).unset(path);
  bool proven = false;
  try {
    proven = same_values(parse_yaml({text.name, edited}), goal);
  } catch (const Error&) { // no YAML any more
  }
  if (!proven) {
    throw Error(ErrorKind::settings, fmt::format("cannot change '{}' in '{}', for the way that it is written there: "
                                                 "change it by hand",
                                                 join(path, "."), text.name));
  }
  return edited;
}

std::string edit_settings(const SettingsText& text, std::string_view key, const std::optional<std::string>& value) {
  return edit_settings(text, split(key, '.'), value);
}

} // namespace teal
