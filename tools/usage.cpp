#include "usage.hpp"

#include "core/nearest.hpp"
#include "core/text.hpp"
#include "help.hpp"

#include <fmt/format.h>

#include <vector>

namespace teal::tool {

namespace {

/// The command that the words led to, and those words.
struct Place {
  const CLI::App* command;
  std::string path;
};

Place find_place(const CLI::App& root) {
  Place place{&root, root.get_name()};
  for (auto chosen = root.get_subcommands(); !chosen.empty(); chosen = place.command->get_subcommands()) {
    place = {chosen.front(), place.path + " " + chosen.front()->get_name()};
  }
  return place;
}

std::vector<std::string> subcommand_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : visible_subcommands(command)) {
    names.push_back(subcommand->get_name());
  }
  return names;
}

/// Of the command and all above it.
std::vector<std::string> option_names(const CLI::App& innermost) {
  std::vector<std::string> names;
  for (const CLI::App* command = &innermost; command != nullptr; command = command->get_parent()) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.push_back("--" + name);
      }
    }
  }
  return names;
}

std::string describe_unknown(const Place& place, const std::string& given) {
  const std::string word = given.substr(0, given.starts_with("--") ? given.find('=') : std::string::npos);
  const bool is_option = word.starts_with('-');
  const auto commands = subcommand_names(*place.command);
  const std::string meant = nearest(word, is_option ? option_names(*place.command) : commands);
  const std::string_view kind = is_option          ? "unknown option"
                                : commands.empty() ? "unexpected argument"
                                                   : "unknown command";
  return fmt::format("{} '{}'{}", kind, shorten(printable(word), 80),
                     meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant));
}

} // namespace

std::string what_is_wrong(const CLI::App& root, const CLI::ParseError& error) {
  const auto unknown = root.remaining(true);
  return unknown.empty() ? printable(error.what()) : describe_unknown(find_place(root), unknown.front());
}

std::string explain(const CLI::App& root, const CLI::ParseError& error) {
  const Place place = find_place(root);
  if (root.remaining(true).empty() && !visible_subcommands(*place.command).empty()) {
    return root.help();
  }
  return fmt::format("error: {}\nsee: {} --help\n", what_is_wrong(root, error), place.path);
}

} // namespace teal::tool
