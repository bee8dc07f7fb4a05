#include "help.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace teal::tool {

namespace {

constexpr std::size_t k_widest_line = 100;
constexpr std::size_t k_indent = 2;

struct Entry {
  std::string name;
  std::string text;
};

/// `text` in lines of at most `width`, all but the first indented.
std::string wrap(const std::string& text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  for (const std::string& word : split(text, ' ')) {
    if (used > 0 && used + 1 + word.size() > width) {
      lines += '\n' + std::string(indent, ' ');
      used = 0;
    }
    lines += used > 0 ? " " + word : word;
    used += word.size() + (used > 0 ? 1 : 0);
  }
  return lines;
}

std::string section(const std::string& title, const std::vector<Entry>& entries, std::size_t column) {
  std::string text = entries.empty() ? "" : fmt::format("\n{}:\n", title);
  for (const Entry& entry : entries) {
    text += fmt::format("{:{}}{:<{}}{}\n", "", k_indent, entry.name, column - k_indent,
                        wrap(entry.text, k_widest_line - column, column));
  }
  return text;
}

/// "PORT" of "PORT:INT in [1 - 65535]": what an option takes, without its checks.
std::string placeholder(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

Entry to_entry(const CLI::Option& option) {
  if (option.get_positional()) {
    return {option.get_name(), option.get_description()};
  }
  const std::string names = join(split(option.get_name(false, true), ','), ", ");
  const bool is_flag = option.get_type_size() == 0;
  const std::string by_default =
      option.get_default_str().empty() ? "" : fmt::format(" (default: {})", option.get_default_str());
  return {is_flag ? names : names + " " + placeholder(option), option.get_description() + by_default};
}

std::vector<Entry> options_of(const CLI::App& command, bool positional) {
  std::vector<Entry> entries;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() == positional) {
      entries.push_back(to_entry(*option));
    }
  }
  return entries;
}

/// Those that every command has from the root, but for --help, which it has itself, and --version.
std::vector<Entry> common_options(const CLI::App& command) {
  const CLI::App* root = command.get_parent();
  if (root == nullptr) {
    return {};
  }
  while (root->get_parent() != nullptr) {
    root = root->get_parent();
  }
  std::vector<Entry> entries;
  for (const CLI::Option* option : root->get_options()) {
    if (option != root->get_help_ptr() && option != root->get_version_ptr()) {
      entries.push_back(to_entry(*option));
    }
  }
  return entries;
}

std::string usage_of(const CLI::App& command, const std::string& name) {
  std::string usage = "Usage: " + name;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      usage += option->get_required() ? " " + option->get_name() : fmt::format(" [{}]", option->get_name());
    }
  }
  return usage + (visible_subcommands(command).empty() ? " [options]" : " COMMAND [options]");
}

} // namespace

std::vector<const CLI::App*> visible_subcommands(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

std::string Help::make_help(const CLI::App* command, std::string name, CLI::AppFormatMode /*mode*/) const {
  std::vector<Entry> commands;
  for (const CLI::App* subcommand : visible_subcommands(*command)) {
    commands.push_back({subcommand->get_name(), subcommand->get_description()});
  }
  const std::vector<std::pair<std::string, std::vector<Entry>>> sections{
      {"Commands", std::move(commands)},
      {"Arguments", options_of(*command, true)},
      {"Options", options_of(*command, false)},
      {"Options of every command", common_options(*command)}};
  std::size_t column = 0;
  for (const auto& [title, entries] : sections) {
    for (const Entry& entry : entries) {
      column = std::max(column, k_indent + entry.name.size() + 2);
    }
  }
  std::string text = fmt::format("{}\n\n{}\n", command->get_description(), usage_of(*command, name));
  for (const auto& [title, entries] : sections) {
    text += section(title, entries, column);
  }
  return text + fmt::format("\n{}\n", command->get_footer());
}

} // namespace teal::tool
