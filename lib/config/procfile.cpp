#include "config/procfile.hpp"

#include "config/loader.hpp"
#include "config/text_rules.hpp"
#include "core/shell_words.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal {

namespace {

constexpr std::size_t k_quoted_line = 60;
constexpr std::string_view k_of_shells = "$`*?[]{}~;&|<>()!#";

/// What a shell does itself, and no program does in its place.
bool is_builtin(std::string_view word) {
  constexpr std::array<std::string_view, 18> k_builtins{".",    ":",      "case",  "cd",    "eval", "exec",
                                                        "exit", "export", "for",   "if",    "set",  "source",
                                                        "trap", "ulimit", "umask", "until", "wait", "while"};
  return std::find(k_builtins.begin(), k_builtins.end(), word) != k_builtins.end();
}

std::vector<std::string> command_of(const std::string& line) {
  const auto words = split_words(line);
  const bool is_plain = words && !words->empty() && line.find_first_of(k_of_shells) == std::string::npos &&
                        words->front().find('=') == std::string::npos && !is_builtin(words->front());
  return is_plain ? *words : std::vector<std::string>{"/bin/sh", "-c", line};
}

} // namespace

std::vector<ProcfileEntry> parse_procfile(const SettingsText& text) {
  std::vector<ProcfileEntry> entries;
  int number = 0;
  for (const std::string& raw : split(text.text, '\n')) {
    const std::string line(trim(raw));
    const std::string origin = fmt::format("{}:{}", text.name, ++number);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const auto colon = line.find(':');
    const std::string name(trim(line.substr(0, colon)));
    const std::string command(colon == std::string::npos ? "" : trim(line.substr(colon + 1)));
    if (command.empty()) {
      fail_at(origin, fmt::format("'{}' is no 'NAME: COMMAND'", shorten(printable(line), k_quoted_line)));
    }
    if (!rule::k_process_name.allows(name)) {
      fail_at(origin, fmt::format("'{}' cannot be a process's name: {}", shorten(printable(name), k_quoted_line),
                                  rule::k_process_name.hint));
    }
    if (std::any_of(entries.begin(), entries.end(), [&](const ProcfileEntry& one) { return one.name == name; })) {
      fail_at(origin, fmt::format("'{}' is there twice", name));
    }
    entries.push_back({name, command_of(command), number});
  }
  return entries;
}

} // namespace teal
