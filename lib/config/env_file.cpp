#include "config/load.hpp"
#include "config/rules.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

std::string_view without_quotes(std::string_view value) {
  const bool in_quotes =
      value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  return in_quotes ? value.substr(1, value.size() - 2) : value;
}

} // namespace

std::map<std::string, std::string> parse_env_file(const SettingsText& text) {
  std::map<std::string, std::string> variables;
  int number = 0;
  for (const std::string& raw : split(text.text, '\n')) {
    ++number;
    const auto fail = [&](const std::string& what) {
      throw Error(ErrorKind::settings, fmt::format("{}:{}: {}", text.name, number, what));
    };
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const auto equals = line.find('=');
    const std::string name(trim(line.substr(0, equals)));
    if (equals == std::string_view::npos || !rule::k_variable.allows(name)) {
      fail(fmt::format("no NAME=VALUE: for NAME, {}", rule::k_variable.hint));
    }
    const std::string_view value = without_quotes(trim(line.substr(equals + 1)));
    if (value.find('\0') != std::string_view::npos) {
      fail(fmt::format("the value of '{}' has a NUL byte", name));
    }
    if (!variables.emplace(name, value).second) {
      fail(fmt::format("'{}' is here a second time", name));
    }
  }
  return variables;
}

} // namespace teal
