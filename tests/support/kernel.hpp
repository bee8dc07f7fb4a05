/// @file
/// Kernel: what the host's kernel is told for the sake of a test.
#pragma once

#include <fstream>

namespace teal {

/// From a listener that closes to the one beside it. Without that, Caddy cannot change its configuration and drop
/// nothing.
inline void let_kernel_hand_connections_over() {
  std::ofstream("/proc/sys/net/ipv4/tcp_migrate_req") << "1";
}

} // namespace teal
