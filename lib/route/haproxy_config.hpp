/// @file
/// HAProxy's configuration for a routing table.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

/// "c-0123456789ab", or "p-…" of one that has peers: a server's name, in configuration and socket alike.
[[nodiscard]] std::string haproxy_server_name(const Server& server);
[[nodiscard]] bool is_haproxy_server_name(std::string_view name);
/// How the container's id begins whose server has that name.
[[nodiscard]] std::string container_begin(std::string_view name);
/// Null if the route has none of that name.
[[nodiscard]] const Server* find_server(const Route& route, std::string_view name);
/// "addr:port weight N" and all else that a server has, in configuration and socket alike.
[[nodiscard]] std::string haproxy_server_options(const Server& server);

/// `text`, a configuration of ours, with other servers for these routes; nothing where it has no place for them.
[[nodiscard]] std::optional<std::string> with_servers(std::string text, const std::vector<Route>& routes);

/// `folder` has the runtime socket, and the certificates.
[[nodiscard]] std::string haproxy_config(const RoutingTable& table, const ServerSettings::Router& settings,
                                         const std::filesystem::path& folder, std::uint64_t generation);

} // namespace teal::route
