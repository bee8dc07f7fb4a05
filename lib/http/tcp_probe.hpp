/// @file
/// TCP probe: whether somebody accepts connections.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace teal::http {

/// Nothing if a connection to `address` (numeric) was accepted, else why not: "connection refused", "no answer within
/// 100ms".
[[nodiscard]] std::optional<std::string> why_no_connection(const std::string& address, std::uint16_t port,
                                                           Milliseconds timeout);

} // namespace teal::http
