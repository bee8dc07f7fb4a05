/// @file
/// free_port: a TCP port of loopback that nobody listened on a moment ago, and that this process was not given before.
#pragma once

#include "support/listener.hpp"

#include <mutex>
#include <set>

namespace teal {

inline std::uint16_t free_port() {
  static std::mutex mutex;
  static std::set<std::uint16_t> given;
  const std::lock_guard hold(mutex);
  for (;;) {
    if (const std::uint16_t port = Listener().port(); given.insert(port).second) {
      return port;
    }
  }
}

} // namespace teal
