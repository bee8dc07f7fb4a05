#include "config/load.hpp"
#include "config/text_rules.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::string_view k_blank = " \t";

/// What `\c` stands for in double quotes. Before any other character a backslash is itself, as a shell has it.
std::string unescaped(char c) {
  switch (c) {
  case 'n':
    return "\n";
  case 'r':
    return "\r";
  case 't':
    return "\t";
  case '\n': // the line goes on
    return "";
  case '"':
  case '\\':
  case '$':
  case '`':
    return {c};
  default:
    return {'\\', c};
  }
}

/// Where a comment starts: a '#' at the start or after a blank. The length, if none does.
std::size_t find_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || k_blank.find(line[at - 1]) != std::string_view::npos) {
      return at;
    }
  }
  return line.size();
}

/// Takes a text off its front, assignment by assignment; its line breaks are line feeds alone.
class EnvReader {
public:
  EnvReader(const std::string& name, std::string_view text) : m_name(name), m_rest(text) {}

  [[nodiscard]] std::map<std::string, std::string> read() {
    while (!m_rest.empty()) {
      m_start = m_line;
      const std::string_view line = trim(m_rest.substr(0, m_rest.find('\n')));
      if (line.empty() || line.front() == '#') {
        take_line();
      } else {
        read_assignment();
      }
    }
    return std::move(m_variables);
  }

private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::settings, fmt::format("{}:{}: {}", m_name, m_start, what));
  }

  /// The rest of the line, without its end.
  std::string_view take_line() {
    const std::string_view line = m_rest.substr(0, m_rest.find('\n'));
    m_rest.remove_prefix(std::min(line.size() + 1, m_rest.size()));
    ++m_line;
    return line;
  }

  void read_assignment() {
    const std::string name = take_name();
    m_rest.remove_prefix(std::min(m_rest.find_first_not_of(k_blank), m_rest.size()));
    const bool in_quotes = m_rest.starts_with('"') || m_rest.starts_with('\'');
    const std::string value = in_quotes ? take_quoted(name) : take_plain();
    if (value.find('\0') != std::string::npos) {
      fail(fmt::format("the value of '{}' has a NUL byte", name));
    }
    if (!m_variables.emplace(name, value).second) {
      fail(fmt::format("'{}' is here a second time", name));
    }
  }

  /// Up to the '=' and with it.
  std::string take_name() {
    constexpr std::string_view k_export = "export";
    const std::string_view line = m_rest.substr(0, m_rest.find('\n'));
    const auto equals = line.find('=');
    std::string_view name = trim(line.substr(0, equals));
    if (name.starts_with(k_export) && name.size() > k_export.size() &&
        k_blank.find(name[k_export.size()]) != std::string_view::npos) {
      name = trim(name.substr(k_export.size()));
    }
    if (equals == std::string_view::npos || !rule::k_variable.allows(name)) {
      fail(fmt::format("no NAME=VALUE: for NAME, {}", rule::k_variable.hint));
    }
    m_rest.remove_prefix(equals + 1);
    return std::string(name);
  }

  std::string take_plain() {
    const std::string_view line = take_line();
    return std::string(trim(line.substr(0, find_comment(line))));
  }

  /// It may go on over lines. After it comes nothing, or a comment.
  std::string take_quoted(const std::string& name) {
    const char quote = m_rest.front();
    std::string value;
    std::size_t at = 1;
    for (; at < m_rest.size() && m_rest[at] != quote; ++at) {
      if (m_rest[at] == '\\' && quote == '"' && at + 1 < m_rest.size()) {
        value += unescaped(m_rest[++at]);
      } else {
        value += m_rest[at];
      }
    }
    if (at >= m_rest.size()) {
      fail(fmt::format("the quote before the value of '{}' is never closed", name));
    }
    const std::string_view taken = m_rest.substr(0, at);
    m_line += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
    m_rest.remove_prefix(at + 1);
    const std::string_view after = take_line();
    if (!trim(after.substr(0, find_comment(after))).empty()) {
      fail(fmt::format("there is more after the quotes of the value of '{}'", name));
    }
    return value;
  }

  const std::string& m_name;
  std::string_view m_rest;
  int m_line = 1;
  int m_start = 1; ///< the first line of what is being read
  std::map<std::string, std::string> m_variables;
};

/// Windows' line breaks and byte order mark are no part of any value.
std::string with_plain_lines(std::string_view text) {
  constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(k_byte_order_mark)) {
    text.remove_prefix(k_byte_order_mark.size());
  }
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!text.substr(i).starts_with("\r\n")) {
      plain += text[i];
    }
  }
  return plain;
}

} // namespace

std::map<std::string, std::string> parse_env_file(const SettingsText& text) {
  const std::string plain = with_plain_lines(text.text);
  return EnvReader(text.name, plain).read();
}

bool is_variable_name(std::string_view name) {
  return rule::k_variable.allows(name);
}

std::string to_env_file(const std::map<std::string, std::string>& variables) {
  std::string text;
  for (const auto& [name, value] : variables) {
    text += name + "=\"";
    for (const char c : value) {
      switch (c) {
      case '\r':
        text += "\\r";
        break;
      case '"':
      case '\\':
      case '$':
      case '`':
        text += '\\';
        [[fallthrough]];
      default:
        text += c;
      }
    }
    text += "\"\n";
  }
  return text;
}

} // namespace teal
