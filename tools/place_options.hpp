/// @file
/// PlaceOptions: --color, --target and --rev, for the commands that deploy, or say what that would do.
#pragma once

#include "trigger/by_hand.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

/// Each empty where it was not given.
struct PlaceOptions {
  std::string color;
  std::string target;
  std::string revision;
};

/// `options` must outlive the command.
void add_place_options(CLI::App& command, PlaceOptions& options);

/// What they ask for.
[[nodiscard]] HandOrder hand_order(const std::string& app, const PlaceOptions& options);

} // namespace teal::tool
