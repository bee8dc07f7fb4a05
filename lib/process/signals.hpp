/// @file
/// Signals: whether a process would notice one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

namespace teal {

/// Whether `pid` catches the signal, or blocks it (to wait for it, or to read it from a descriptor), as SigCgt and
/// SigBlk in /proc/PID/status tell. The first process of a container that does neither is not ended by the signal, so
/// waiting for it is in vain. Nothing if that cannot be seen: no such process here, or one of another pid namespace's
/// engine.
[[nodiscard]] std::optional<bool> handles_signal(pid_t pid, int signal);

/// SIGTERM of "SIGTERM", "TERM" or "15".
[[nodiscard]] std::optional<int> parse_signal(std::string_view name);

} // namespace teal
