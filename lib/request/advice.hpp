/// @file
/// Advice: the commands of ours that a message advises, as people are to type them.
#pragma once

#include "model/home.hpp"

#include <array>
#include <string>
#include <string_view>

namespace teal {

/// All that people may be advised to type: "tealhook status".
inline constexpr std::array<std::string_view, 38> k_commands{
    "app",     "audit",    "check",   "deploy",   "destroy",   "env",    "event",    "exec",     "freeze", "history",
    "hook",    "key",      "logs",    "observe",  "observers", "open",   "plan",     "poll",     "queue",  "receive",
    "recover", "registry", "restart", "rollback", "route",     "router", "run",      "scale",    "serve",  "setup",
    "spawn",   "start",    "status",  "stop",     "switch",    "token",  "unfreeze", "unobserve"};

/// `text` with --home in each of them: what a message of lib calls "tealhook setup" is then what people are to type who
/// use that home. What a program printed ("  | …") stays as it is.
[[nodiscard]] std::string with_home(std::string_view text, const Home& home);

} // namespace teal
