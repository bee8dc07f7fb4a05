/// @file
/// Victims: who can be killed on a host that is the matrix' own.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// `caller` is whoever is about to change a file.
enum class Victim { runner, hook, command, caller, router, registry, engine, host };

[[nodiscard]] std::string_view to_string(Victim victim) noexcept;
[[nodiscard]] std::optional<Victim> parse_victim(std::string_view text) noexcept;

/// Its processes now; of the host, all but the first and those that run the matrix.
[[nodiscard]] std::vector<pid_t> processes_of(Victim victim);
/// "pid 12: haproxy -W -f …", a line each.
[[nodiscard]] std::string describe_processes_of(Victim victim);
/// SIGKILL, all at once. Returns when they are gone.
void kill_victim(Victim victim);
/// Until no other thread is at killing any more.
void await_kills();

} // namespace teal
