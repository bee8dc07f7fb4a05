/// @file
/// RoutingTable as JSON, for the file beside a router's own: a route a line, so that one app's are read and replaced
/// without a look into those of a thousand others.
#pragma once

#include "route/table.hpp"

#include <string>
#include <string_view>

namespace teal::route {

[[nodiscard]] std::string to_json(const RoutingTable& table);
/// Throws Error(environment) if `text` is no table; `source` names it.
[[nodiscard]] RoutingTable parse_table(std::string_view text, std::string_view source);
/// By name, those of the apps that `asked` names.
[[nodiscard]] RoutingTable parse_table_of(std::string_view text, std::string_view source, const Changes& asked);
/// `text` after `changes`. Throws as above.
[[nodiscard]] std::string with_changes(std::string_view text, std::string_view source, const Changes& changes);

} // namespace teal::route
