/// @file
/// TCP connections of this host, as the kernel's sock_diag(7) tells.
/// /proc/net/tcp would have to be read whole, in pieces between which it changes: with 14,000 connections that have
/// just ended that takes 30 ms, and one that has not may be missed or seen twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace teal {

/// How many established ones there are from our network namespace to that IPv4 address and port. Throws
/// Error(environment) if the kernel does not tell.
[[nodiscard]] std::size_t count_connections(const std::string& address, std::uint16_t port);
/// How many have come in to one of our ports.
[[nodiscard]] std::size_t count_visitors(const std::set<std::uint16_t>& ports);

} // namespace teal
