/// @file
/// Settings as JSON: what a settings file says, as it says it, and what of it is secret left out.
#pragma once

#include "config/load.hpp"

#include <boost/json/value.hpp>

namespace teal {

/// In place of a value that is not shown.
inline constexpr const char* k_hidden = "***";

/// The text's tree. Whole numbers, true and false are what they look like, all else is text; an empty file is {}.
/// Throws Error(settings) "name:line: …" where it is no YAML.
[[nodiscard]] boost::json::value settings_json(const SettingsText& text);
/// The same, with k_hidden for each value of a program's environment.
[[nodiscard]] boost::json::value public_settings_json(const SettingsText& text);

} // namespace teal
