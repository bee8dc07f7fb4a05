/// @file
/// Credentials: what the commands that let somebody in, by a key or by a token, have in common.
#pragma once

#include "context.hpp"
#include "model/home.hpp"
#include "model/principal.hpp"
#include "store/principals.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace teal::tool {

/// --app and --can.
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

/// All of one kind, or `words_for_none`.
void show_credentials(const Context& context, const std::vector<Credential>& all, std::string_view words_for_none);

struct RemovedCredential {
  std::string name;
  bool was_there = false;
};
/// Which of the two sentences is so.
void tell_removed(const Context& context, const RemovedCredential& removed, std::string_view done,
                  std::string_view unknown);

} // namespace teal::tool
