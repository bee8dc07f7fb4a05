/// @file
/// Editing settings: one value of a YAML text set or taken out, with all else of the text, its comments and its layout,
/// left as it is.
///
/// Invariant: the text that is returned says what was asked for and otherwise what it said before: it is read again,
/// and where that is not so (a layout that this does not know), an Error says that the file has to be changed by hand.
#pragma once

#include "config/load.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

/// Keys from the outermost map inwards; in a list the item's number, from "0", or "+" for one after the last.
using SettingPath = std::vector<std::string>;

/// `text` with the value at `path` set to `value`, which is YAML of one line ("8080", "[a, b]", see yaml_scalar()), or
/// without it where `value` is nothing. Maps and lists on the way are made where they are missing; where the file has
/// the key commented out, as our templates have all of them, it is written in that place. Nothing to take out changes
/// nothing. Throws Error(settings).
[[nodiscard]] std::string edit_settings(const SettingsText& text, const SettingPath& path,
                                        const std::optional<std::string>& value);
/// The same with a key such as "router.kind", whose dots part the maps.
[[nodiscard]] std::string edit_settings(const SettingsText& text, std::string_view key,
                                        const std::optional<std::string>& value);

} // namespace teal
