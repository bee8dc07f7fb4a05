/// @file
/// PlaceOptions: --color, --target, --rev and --image, for the commands that deploy, or say what that would do.
#pragma once

#include "trigger/by_hand.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

struct PlaceOptions {
  std::string app;
  std::string color;
  std::string target;
  std::string revision;
  std::string image;
};

/// NAME, and the options.
void add_place_options(CLI::App& command, PlaceOptions& options);

/// What these, empty where they were not given, ask for.
[[nodiscard]] HandOrder hand_order(const PlaceOptions& options);

} // namespace teal::tool
