/// @file
/// Port owner: which process of this host listens on a TCP port.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace teal {

struct PortOwner {
  pid_t pid = 0;       ///< 0 where it belongs to another user, whose processes we may not look into
  std::string program; ///< "nginx"; empty where the pid is not known
};

/// Nothing if no process listens on `port` in our network namespace.
[[nodiscard]] std::optional<PortOwner> find_port_owner(std::uint16_t port);

/// "pid 812 (nginx)", "another user's program".
[[nodiscard]] std::string describe(const PortOwner& owner);

/// The file name of what `pid` runs, or the name it goes by where that may not be seen; empty if there is no such
/// process.
[[nodiscard]] std::string program_of(pid_t pid);

} // namespace teal
