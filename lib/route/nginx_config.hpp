/// @file
/// nginx's configuration for a routing table.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace teal::route {

/// The part below "http": all that comes in. `folder` gets the socket, which answers with the
/// generation, and, while a route is weighed, the access log,
/// with the server's address and its status in each line.
[[nodiscard]] std::string nginx_part(const RoutingTable& table, const ServerSettings::Router& settings,
                                     const std::filesystem::path& folder, std::uint64_t generation);
/// A whole configuration around a part, for an nginx of our own.
[[nodiscard]] std::string nginx_config(const std::string& part, const std::filesystem::path& folder, bool as_root);

} // namespace teal::route
