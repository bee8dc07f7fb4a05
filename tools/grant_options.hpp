/// @file
/// GrantOptions: --app and --can, for the commands that let somebody in, and how what was granted is shown.
#pragma once

#include "model/home.hpp"
#include "model/principal.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace teal::tool {

struct GrantOptions {
  std::string name;
  std::vector<std::string> apps;
  std::string verbs;
};

/// With NAME before them.
void add_grant_options(CLI::App& command, GrantOptions& options);

/// Throws Error(usage) for what is no name, verb or pattern, Error(settings) for an app that is not there.
[[nodiscard]] std::vector<Grant> grants_of(const Home& home, const GrantOptions& options);

/// "shop: logs, push; web-*: read".
[[nodiscard]] std::string describe(const std::vector<Grant>& grants);

} // namespace teal::tool
