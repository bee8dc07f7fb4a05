/// @file
/// Loader: reads YAML layers into the members that a schema is bound to, and remembers where each value came from.
///
/// Invariant: what is not in the schema, or not allowed to the layer's author, is an Error before the next layer is
/// read.
#pragma once

#include "config/schema.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// Names of keys to "path:line".
using Origins = std::map<std::string, std::string, std::less<>>;

/// Reads one text over what `keys` are bound to. A text that came with a push may set the pushed keys only.
/// Returns where each key that it sets stands. Throws Error(settings) "path:line: …".
[[nodiscard]] Origins read_layer(const std::vector<SettingKey>& keys, const SettingsText& text,
                                 SettingKey::Trust author);

/// Throws Error(settings) "ORIGIN: WHAT".
[[noreturn]] void fail_at(const std::string& origin, const std::string& what);

} // namespace teal
