/// @file
/// CommandLine: all commands with their options and help, and one run of what was asked for.
#pragma once

#include "context.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace teal::tool {

/// What it parses, it carries out with `context`, which must outlive it. Who came in by a key has the commands that ask
/// for permission, and no --home.
[[nodiscard]] std::unique_ptr<CLI::App> make_command_line(Context& context);

/// Parse, carry out, and tell standard error what was wrong. Returns the exit code.
int run_command_line(CLI::App& root, const Context& context, int argc, char** argv);

} // namespace teal::tool
