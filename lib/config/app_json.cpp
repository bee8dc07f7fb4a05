#include "config/app_json.hpp"

#include "config/loader.hpp"
#include "config/procfile.hpp"
#include "config/text_rules.hpp"
#include "config/yaml.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

using Kind = YamlNode::Kind;

constexpr std::int64_t k_most_attempts = 1000;
constexpr std::int64_t k_most_seconds = 3600;
constexpr std::int64_t k_most_processes = 1000;
constexpr std::int64_t k_usual_attempts = 3;
constexpr std::int64_t k_usual_timeout = 5;
constexpr std::int64_t k_usual_wait = 5;

/// The number of four hex digits at `at`.
std::optional<unsigned> hex_at(const std::string& text, std::size_t at) {
  unsigned value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const auto digit =
        i < text.size() ? std::string_view("0123456789abcdef")
                              .find(static_cast<char>(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]))
                        : std::string_view::npos;
    if (digit == std::string_view::npos) {
      return std::nullopt;
    }
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

/// JSON is YAML, which knows lines, but for tabs between values, and characters in two halves.
std::string as_yaml(const std::string& text) {
  std::string yaml;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escapes = in_string && text[i] == '\\' && i + 1 < text.size();
    const auto high = escapes && text[i + 1] == 'u' ? hex_at(text, i + 2) : std::nullopt;
    const auto low = high && text.compare(i + 6, 2, "\\u") == 0 ? hex_at(text, i + 8) : std::nullopt;
    if (low && *high >= 0xD800 && *high < 0xDC00 && *low >= 0xDC00 && *low < 0xE000) {
      yaml += fmt::format("\\U{:08X}", 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00));
      i += 11;
    } else if (escapes) {
      yaml += text.substr(i++, 2);
    } else {
      in_string = in_string != (text[i] == '"');
      yaml += !in_string && text[i] == '\t' ? ' ' : text[i];
    }
  }
  return yaml;
}

class Reader {
public:
  explicit Reader(const std::string& file) : m_file(file) {}

  AppJson read(const YamlNode& root) {
    require(root, Kind::map, "all of it", "an object");
    for (const YamlNode& entry : root.children) {
      if (entry.key == "healthchecks") {
        read_health_checks(entry);
      } else if (entry.key == "formation") {
        read_formation(entry);
      }
    }
    return std::move(m_found);
  }

private:
  [[noreturn]] void fail(const YamlNode& node, const std::string& what) const {
    fail_at(fmt::format("{}:{}", m_file, node.line), what);
  }

  void require(const YamlNode& node, Kind kind, const std::string& name, std::string_view wanted) const {
    if (node.kind != kind) {
      fail(node, fmt::format("'{}' is not {}", name, wanted));
    }
  }

  std::int64_t number(const YamlNode& node, const std::string& name, std::int64_t least, std::int64_t most) const {
    const auto value = node.kind == Kind::scalar ? parse_integer(node.text) : std::nullopt;
    if (!value || *value < least || *value > most) {
      fail(node, fmt::format("'{}' is no whole number from {} to {}", name, least, most));
    }
    return *value;
  }

  void read_health_checks(const YamlNode& node) {
    require(node, Kind::map, node.key, "an object");
    for (const YamlNode& process : node.children) {
      const std::string name = fmt::format("healthchecks.{}", printable(process.key));
      require(process, Kind::list, name, "a list");
      if (process.key != k_web_process) {
        m_found.ignored.push_back(name);
        continue;
      }
      int number = 0;
      for (const YamlNode& check : process.children) {
        read_check(check, fmt::format("{}[{}]", name, ++number));
      }
    }
  }

  void read_check(const YamlNode& node, const std::string& name) {
    require(node, Kind::map, name, "an object");
    const auto type =
        std::find_if(node.children.begin(), node.children.end(), [](const YamlNode& one) { return one.key == "type"; });
    const bool decides = type == node.children.end() || type->text.empty() || type->text == "startup";
    if (!decides || m_found.web) {
      m_found.ignored.push_back(name);
      return;
    }
    AppJson::Check check{.asks = {},
                         .timeout = std::nullopt,
                         .deadline = std::nullopt,
                         .settle = std::nullopt,
                         .origin = fmt::format("{}:{}", m_file, node.line)};
    Patience patience;
    bool asks = false;
    for (const YamlNode& entry : node.children) {
      asks = read_question(entry, name, check.asks) || asks;
      read_patience(entry, name, patience);
    }
    if (patience.uptime) {
      check.settle = std::chrono::seconds(*patience.uptime);
    }
    if (!asks && check.settle) { // it is to run, whatever it answers
      check.asks.kind = HealthSettings::Kind::tcp;
    }
    if (patience.timeout) {
      check.timeout = std::chrono::seconds(*patience.timeout);
    }
    if (patience.attempts || patience.wait || patience.delay) {
      check.deadline =
          std::chrono::seconds(patience.delay.value_or(0) +
                               patience.attempts.value_or(k_usual_attempts) *
                                   (patience.timeout.value_or(k_usual_timeout) + patience.wait.value_or(k_usual_wait)));
    }
    m_found.web = std::move(check);
  }

  struct Patience { ///< seconds, but for attempts
    std::optional<std::int64_t> attempts, timeout, wait, delay, uptime;
  };

  /// False if the entry is none of what is asked.
  bool read_question(const YamlNode& entry, const std::string& check, HealthSettings& asks) {
    const std::string name = check + "." + printable(entry.key);
    if (entry.key == "path") {
      if (entry.kind != Kind::scalar || !rule::k_url_path.allows(entry.text)) {
        fail(entry, fmt::format("'{}': {}", name, rule::k_url_path.hint));
      }
      asks.path = entry.text;
    } else if (entry.key == "listening") {
      if (entry.text == "true") {
        asks.kind = HealthSettings::Kind::tcp;
      }
      return entry.text == "true";
    } else if (entry.key == "command") {
      require(entry, Kind::list, name, "a list of words");
      std::transform(entry.children.begin(), entry.children.end(), std::back_inserter(asks.command),
                     [&](const YamlNode& word) {
                       require(word, Kind::scalar, name, "a list of words");
                       return word.text;
                     });
      if (asks.command.empty()) {
        fail(entry, fmt::format("'{}' is empty", name));
      }
      asks.kind = HealthSettings::Kind::command;
    } else {
      if (entry.key == "content" || entry.key == "httpHeaders" || entry.key == "port" || entry.key == "scheme" ||
          entry.key == "onFailure" || entry.key == "warn") {
        m_found.ignored.push_back(name);
      }
      return false;
    }
    return true;
  }

  void read_patience(const YamlNode& entry, const std::string& check, Patience& patience) const {
    const std::string name = check + "." + printable(entry.key);
    if (entry.key == "attempts") {
      patience.attempts = number(entry, name, 1, k_most_attempts);
    } else if (entry.key == "timeout") {
      patience.timeout = number(entry, name, 1, k_most_seconds);
    } else if (entry.key == "wait") {
      patience.wait = number(entry, name, 0, k_most_seconds);
    } else if (entry.key == "initialDelay") {
      patience.delay = number(entry, name, 0, k_most_seconds);
    } else if (entry.key == "uptime") {
      patience.uptime = number(entry, name, 0, k_most_seconds);
    }
  }

  void read_formation(const YamlNode& node) {
    require(node, Kind::map, node.key, "an object");
    for (const YamlNode& process : node.children) {
      const std::string name = fmt::format("formation.{}", printable(process.key));
      require(process, Kind::map, name, "an object");
      for (const YamlNode& entry : process.children) {
        if (entry.key == "quantity") {
          m_found.quantities[process.key] = number(entry, name + ".quantity", 0, k_most_processes);
        } else {
          m_found.ignored.push_back(name + "." + printable(entry.key));
        }
      }
    }
  }

  const std::string& m_file;
  AppJson m_found;
};

} // namespace

AppJson parse_app_json(const SettingsText& text) {
  return Reader(text.name).read(parse_yaml({text.name, as_yaml(text.text)}));
}

} // namespace teal
