/// @file
/// ListenerHold: the TCP sockets that another process listens on, shared with it while it opens them anew.
///
/// The kernel hands the connections that wait at a closing socket over to the newer one beside it, if it was told to
/// (net.ipv4.tcp_migrate_req). But one whose handshake ends at the very moment of the closing is reset. Invariant:
/// while a hold lives, each new connection goes to the newest socket of its port, and none of the held ones is closed,
/// so that when it ends nobody comes to them any more.
#pragma once

#include "core/clock.hpp"
#include "core/descriptor.hpp"

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <vector>

namespace teal {

class ListenerHold {
public:
  /// Of all that `process` listens on with SO_REUSEPORT. Nothing is held where the kernel does not let us: that takes
  /// root's rights, or the same user's where kernel.yama.ptrace_scope is 0.
  explicit ListenerHold(pid_t process);

  [[nodiscard]] std::size_t size() const { return m_sockets.size(); }
  /// Returns when the handshakes have ended that are under way at these ports, after `patience`, or at once where the
  /// kernel does not name them: what was held for has happened, and must not fail any more.
  void await_handshakes(Milliseconds patience) const noexcept;

private:
  std::vector<Descriptor> m_sockets;
  std::set<std::uint16_t> m_ports;
};

/// Whether a hold of that process's sockets would be let.
[[nodiscard]] bool may_hold_listeners(pid_t process);

} // namespace teal
