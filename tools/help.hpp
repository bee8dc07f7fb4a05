/// @file
/// Help: how --help looks: a sentence, the usage, arguments and options in two columns, and examples.
///
/// All of it is laid out here, because CLI11 does it differently from version to version.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

class Help : public CLI::FormatterBase {
public:
  [[nodiscard]] std::string make_help(const CLI::App* command, std::string name,
                                      CLI::AppFormatMode mode) const override;
};

/// Those that people are shown.
[[nodiscard]] std::vector<const CLI::App*> visible_subcommands(const CLI::App& command);

} // namespace teal::tool
