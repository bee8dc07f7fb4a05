/// @file
/// free_port: a TCP port of loopback that nobody listened on a moment ago.
#pragma once

#include "support/listener.hpp"

namespace teal {

inline std::uint16_t free_port() {
  return Listener().port();
}

} // namespace teal
