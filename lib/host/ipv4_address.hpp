/// @file
/// IPv4 address: what a host's name stands for.
#pragma once

#include <string>

namespace teal {

/// The first that the system's resolver has of `host`, or `host` itself where it is one. Throws Error(environment)
/// where it has none.
[[nodiscard]] std::string ipv4_address_of(const std::string& host);

} // namespace teal
