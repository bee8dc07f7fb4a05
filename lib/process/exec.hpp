/// @file
/// Exec: this process becomes another program, with the same number and the same standard streams.
#pragma once

#include "process/subprocess.hpp"

namespace teal {

/// Of `command`, arguments, directory and environment count. Nothing else of ours is open beyond it, and signals do
/// what they do by default. Throws Error(environment) if it cannot be.
[[noreturn]] void become_program(const Command& command);

} // namespace teal
