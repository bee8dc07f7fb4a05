/// @file
/// Advice: the commands of ours that a message advises, as people are to type them.
#pragma once

#include "model/home.hpp"

#include <array>
#include <string>
#include <string_view>

namespace teal {

/// All that people may be advised to type: "tealhook status".
inline constexpr std::array<std::string_view, 22> k_commands{
    "app",   "audit",   "check",    "deploy",   "freeze", "history", "hook",  "key",    "logs",   "plan",  "poll",
    "queue", "recover", "registry", "rollback", "router", "serve",   "setup", "status", "switch", "token", "unfreeze"};

/// `text` with --home in each of them: what a message of lib calls "tealhook setup" is then what people are to type who
/// use that home. What a program printed ("  | …") stays as it is.
[[nodiscard]] std::string with_home(std::string_view text, const Home& home);

} // namespace teal
