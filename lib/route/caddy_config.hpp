/// @file
/// Caddy's configuration for a routing table, as JSON.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace teal::route {

/// `folder` has the admin socket, and what Caddy stores.
[[nodiscard]] std::string caddy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                                       const std::filesystem::path& folder, std::uint64_t generation);

} // namespace teal::route
