/// @file
/// Caller: where those are who run a program of ours on this host.
#pragma once

#include "model/origin.hpp"
#include "process/subprocess.hpp"

namespace teal {

/// From the address that sshd ($SSH_CLIENT) or a web server ($REMOTE_ADDR) says, else by the user that we run as; to be
/// asked before that changes.
[[nodiscard]] Origin origin_of_caller(const Environment& environment, Trigger door);

} // namespace teal
