/// @file
/// Entrance: an address and port of the host on which a routing table makes a router listen.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string>

namespace teal::route {

struct Entrance {
  std::string address;
  std::uint16_t port = 0;
  auto operator<=>(const Entrance&) const = default;
};

/// "0.0.0.0:8080", "[::]:8080"
[[nodiscard]] std::string to_string(const Entrance& entrance);

[[nodiscard]] std::set<Entrance> entrances(const RoutingTable& table, const ServerSettings::Router& settings);

[[nodiscard]] std::set<std::uint16_t> ports_of(const RoutingTable& table, const ServerSettings::Router& settings);

/// Throws Error(settings) if two routes come in at the same place: routers would share the requests out among them.
void require_distinct(const RoutingTable& table, const ServerSettings::Router& settings);

/// Throws Error(environment), saying who has it, if one that is in `wanted` and not in `held` cannot be listened on.
/// The router would find that out too, but only after it has let go of what it has.
void require_free_entrances(const std::set<Entrance>& wanted, const std::set<Entrance>& held = {});

} // namespace teal::route
