/// @file
/// RoutingTable as JSON, for the file beside a router's own.
#pragma once

#include "route/table.hpp"

#include <string>
#include <string_view>

namespace teal::route {

[[nodiscard]] std::string to_json(const RoutingTable& table);
/// Throws Error(environment) if `text` is no table; `source` names it.
[[nodiscard]] RoutingTable parse_table(std::string_view text, std::string_view source);

} // namespace teal::route
