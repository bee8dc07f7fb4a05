/// @file
/// PlaceOptions: --color and --rev, for the commands that deploy, or say what that would do.
#pragma once

#include "trigger/by_hand.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

void add_place_options(CLI::App& command, std::string& color, std::string& revision);

/// What the two options, empty where they were not given, ask for.
[[nodiscard]] HandOrder hand_order(const std::string& app, const std::string& color, const std::string& revision);

} // namespace teal::tool
