/// @file
/// IPv4 routes: where this host sends packets by rules of its own, as the kernel's rtnetlink(7) tells.
#pragma once

#include "core/subnet.hpp"

#include <vector>

namespace teal {

/// What this host has a route to, in any of its routing tables, its interfaces' own addresses among them. Not the ways
/// to the rest of the world: routes to more than a /8, such as the default one, or the halves that a VPN puts over it.
/// Throws Error(environment) if the kernel does not answer.
[[nodiscard]] std::vector<Subnet> ipv4_routes();

} // namespace teal
