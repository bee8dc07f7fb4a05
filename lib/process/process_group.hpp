/// @file
/// ProcessGroup: what of a command is still there, whoever it runs as, as /proc says.
#pragma once

#include "core/clock.hpp"

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace teal {

/// The processes of the group, and those that they have started in groups of their own; none of them a zombie.
[[nodiscard]] std::vector<pid_t> processes_of_group(pid_t group);

/// Whether all of them have ended within `patience`.
[[nodiscard]] bool await_end_of(const std::vector<pid_t>& processes, Milliseconds patience);

/// The group that a command leads or led, by what its /proc/self/stat was (Command::identity_file). Nothing where none
/// of it is left, and where the number is another process's by now.
[[nodiscard]] std::optional<pid_t> find_group(std::string_view stat);

} // namespace teal
