/// @file
/// The kinds of router by their names in the settings: those of router_kinds.def, and none.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <utility>
#include <vector>

namespace teal {

[[nodiscard]] const std::vector<std::pair<std::string, ServerSettings::Router::Kind>>& router_kinds();
/// As the settings name it, and for all but none the program, too.
[[nodiscard]] const std::string& to_string(ServerSettings::Router::Kind kind);
/// "none, haproxy, nginx or caddy"
[[nodiscard]] const std::string& router_kinds_in_words();

} // namespace teal
