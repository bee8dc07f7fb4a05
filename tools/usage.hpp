/// @file
/// Usage: what is wrong with a command line, what was probably meant, and where to read more.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

/// For standard error, with a line feed at its end. A command that only lacks its subcommand is answered with its help.
[[nodiscard]] std::string explain(const CLI::App& root, const CLI::ParseError& error);

/// The same in a line, without where to read more.
[[nodiscard]] std::string what_is_wrong(const CLI::App& root, const CLI::ParseError& error);

} // namespace teal::tool
