/// @file
/// HAProxy's configuration for a routing table.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace teal::route {

/// "c-0123456789ab": a server's name, in configuration and socket alike.
[[nodiscard]] std::string haproxy_server_name(const Server& server);
/// "addr:port weight N" and all else that a server has, in configuration and socket alike.
[[nodiscard]] std::string haproxy_server_options(const Server& server);

/// `folder` has the runtime socket, and the certificates.
[[nodiscard]] std::string haproxy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                                         const std::filesystem::path& folder, std::uint64_t generation);

} // namespace teal::route
