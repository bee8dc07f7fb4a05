/// @file
/// Detached processes: started in a session of their own, with none of our descriptors, so that they outlive us, our
/// terminal and whoever reads our output.
#pragma once

#include "core/clock.hpp"
#include "process/subprocess.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace teal {

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0; ///< field 22 of /proc/PID/stat

  bool operator==(const ProcessId&) const = default;
};

/// Start `command` (arguments, directory and environment are used) with standard input from /dev/null and both output
/// streams appended to `log` (/dev/null where empty). It is nobody's child any more when this returns.
/// Throws Error(environment) if it cannot be started.
ProcessId start_detached(const Command& command, const std::filesystem::path& log = {});

/// Who has that number now, or nothing.
[[nodiscard]] std::optional<ProcessId> identify(pid_t pid);
[[nodiscard]] bool is_alive(const ProcessId& process);
/// When it began, by the time of day as it is now.
[[nodiscard]] TimePoint began_at(const ProcessId& process);
/// SIGTERM, then SIGKILL after `patience`. True if it is gone (or was already).
bool end_process(const ProcessId& process, Milliseconds patience);

} // namespace teal
