/// @file
/// ColorOption: --color for the commands that work on what runs.
#pragma once

#include "model/color.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace teal::tool {

void add_color_option(CLI::App& command, std::string& color, const std::string& by_default);

/// What it says, or where it was not given, what color_in_use() finds.
[[nodiscard]] Color chosen_color(Services& services, Store& store, const std::string& app, const std::string& color);

} // namespace teal::tool
