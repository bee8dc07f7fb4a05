#include "config/yaml.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>

namespace teal {

namespace {

constexpr std::size_t k_most_expanded = 100'000; ///< nodes

int line_of(const YAML::Mark& mark) {
  return std::max(0, mark.line) + 1;
}

std::size_t offset_of(const YAML::Mark& mark) {
  return static_cast<std::size_t>(std::max(0, mark.pos));
}

/// Grows the tree from the parser's events.
class TreeBuilder final : public YAML::EventHandler {
public:
  TreeBuilder(const std::string& name, YamlAliases aliases) : m_name(name), m_aliases(aliases) {}

  [[nodiscard]] YamlNode take_root() { return std::move(m_root); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (m_seen_document) {
      fail(mark, "a second document begins here: settings are one");
    }
    m_seen_document = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (expects_key()) {
      fail(mark, "a key is missing before ':'");
    }
    add({.kind = YamlNode::Kind::null, .line = line_of(mark), .offset = offset_of(mark)}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (expects_key()) {
      fail(mark, "a key must be a plain text");
    }
    const auto meant = m_anchored.find(anchor);
    YamlNode node = meant == m_anchored.end() ? YamlNode() : meant->second;
    node.line = line_of(mark);
    m_size += size_of(node);
    if (m_size > k_most_expanded) {
      fail(mark, "its aliases stand for more than anybody needs");
    }
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    if (value.find('\0') != std::string::npos) {
      fail(mark, "a text has a NUL byte");
    }
    if (expects_key()) {
      take_key(mark, value);
    } else {
      add({.kind = YamlNode::Kind::scalar,
           .line = line_of(mark),
           .text = value,
           .quoted = tag == "!", // as YAML has it for all that is not plain
           .offset = offset_of(mark)},
          anchor);
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, anchor, YamlNode::Kind::list, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, anchor, YamlNode::Kind::map, style);
  }
  void OnMapEnd() override { close(); }

private:
  struct Key {
    std::string text;
    int line = 1;
    std::size_t offset = 0;
  };
  struct Open {
    YamlNode node;
    std::optional<Key> key; ///< read, and its value not yet
    YAML::anchor_t anchor = YAML::NullAnchor;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    throw Error(ErrorKind::settings, fmt::format("{}:{}: {}", m_name, line_of(mark), what));
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor && m_aliases == YamlAliases::refused) {
      fail(mark, "anchors and aliases ('&', '*') are not read in settings: write the value out");
    }
  }

  [[nodiscard]] bool expects_key() const {
    return !m_open.empty() && m_open.back().node.kind == YamlNode::Kind::map && !m_open.back().key;
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    for (const YamlNode& earlier : m_open.back().node.children) {
      if (earlier.key == key) {
        fail(mark, fmt::format("key '{}' is here a second time, first on line {}", printable(key), earlier.line));
      }
    }
    m_open.back().key = Key{key, line_of(mark), offset_of(mark)};
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, YAML::EmitterStyle::value style) {
    refuse_anchor(mark, anchor);
    if (expects_key()) {
      fail(mark, "a key must be a plain text");
    }
    m_open.push_back(
        {{.kind = kind, .line = line_of(mark), .offset = offset_of(mark), .flow = style == YAML::EmitterStyle::Flow},
         std::nullopt,
         anchor});
  }

  void close() {
    YamlNode node = std::move(m_open.back().node);
    const YAML::anchor_t anchor = m_open.back().anchor;
    m_open.pop_back();
    add(std::move(node), anchor);
  }

  static std::size_t size_of(const YamlNode& node) {
    return std::accumulate(node.children.begin(), node.children.end(), std::size_t{1},
                           [](std::size_t size, const YamlNode& child) { return size + size_of(child); });
  }

  /// Hangs a node that is complete into the innermost open one.
  void add(YamlNode node, YAML::anchor_t anchor = YAML::NullAnchor) {
    if (anchor != YAML::NullAnchor && m_aliases == YamlAliases::expanded) {
      m_anchored[anchor] = node;
    }
    if (m_open.empty()) {
      m_root = std::move(node);
      return;
    }
    Open& parent = m_open.back();
    if (parent.key) {
      node.key = std::move(parent.key->text);
      node.line = parent.key->line;
      node.key_offset = parent.key->offset;
      parent.key.reset();
    }
    parent.node.children.push_back(std::move(node));
  }

  const std::string& m_name;
  const YamlAliases m_aliases;
  std::map<YAML::anchor_t, YamlNode> m_anchored;
  std::size_t m_size = 0; ///< of all that aliases stood for
  bool m_seen_document = false;
  std::vector<Open> m_open;
  YamlNode m_root;
};

bool is_plain_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./+@:-").find(c) != std::string_view::npos;
}

bool is_plain(std::string_view text) {
  constexpr std::string_view k_not_first = "+@:-";
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain_character) &&
         k_not_first.find(text.front()) == std::string_view::npos && text.back() != ':' && text != "null" &&
         text != "Null" && text != "NULL";
}

} // namespace

YamlNode parse_yaml(const SettingsText& text, YamlAliases aliases) {
  std::istringstream stream(text.text);
  TreeBuilder builder(text.name, aliases);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& fault) {
    throw Error(ErrorKind::settings,
                fmt::format("{}:{}: not valid YAML: {}", text.name, line_of(fault.mark), printable(fault.msg)));
  }
  return builder.take_root();
}

namespace {

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", c);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

/// Of one that was read plain, and may be a number or a truth: no other type has a sign of another kind in it.
bool may_be_typed(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_~") ==
             std::string_view::npos;
}

/// What stands behind "key:" or "-".
void write_value(const YamlNode& node, std::size_t depth, std::string& text) {
  const std::string indent(2 * depth, ' ');
  switch (node.kind) {
  case YamlNode::Kind::null:
    text += " null\n";
    return;
  case YamlNode::Kind::scalar:
    text += ' ' + (!node.quoted && may_be_typed(node.text) ? node.text : in_quotes(node.text)) + '\n';
    return;
  case YamlNode::Kind::list:
    text += node.children.empty() ? " []\n" : "\n";
    for (const YamlNode& child : node.children) {
      text += indent + '-';
      write_value(child, depth + 1, text);
    }
    return;
  case YamlNode::Kind::map:
    text += node.children.empty() ? " {}\n" : "\n";
    for (const YamlNode& child : node.children) {
      text += indent + yaml_scalar(child.key) + ':';
      write_value(child, depth + 1, text);
    }
    return;
  }
}

} // namespace

const YamlNode* YamlNode::find(std::string_view name) const {
  const auto child =
      std::find_if(children.begin(), children.end(), [&](const YamlNode& one) { return one.key == name; });
  return kind == Kind::map && child != children.end() ? &*child : nullptr;
}

std::string YamlNode::text_at(std::string_view name) const {
  const YamlNode* value = find(name);
  return value == nullptr ? "" : value->text;
}

std::string yaml_scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : in_quotes(text);
}

std::string write_yaml(const YamlNode& root) {
  std::string text;
  write_value(root, 0, text);
  return text.substr(text.find_first_not_of('\n'));
}

} // namespace teal
