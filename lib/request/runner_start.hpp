/// @file
/// RunnerStart: a runner for an app, in a session of its own, whatever becomes of who asked for it.
#pragma once

#include "model/home.hpp"
#include "process/detached.hpp"
#include "process/installation.hpp"
#include "store/queue.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// `tealhook runner APP`, detached (see detached.hpp). It ends at once if another one is at work. Throws
/// Error(environment); what is queued waits for the next one then.
ProcessId start_runner(const Home& home, std::string_view app, const Environment& environment,
                       const Installation& installation);

/// Whether a runner of the app is at work, or waits until something is due.
[[nodiscard]] bool has_runner(const AppFolder& app);

/// One for each app that has work and no runner that waits; returns these. For who held apps' locks: a runner that came
/// meanwhile has gone.
std::vector<std::string> start_runners(const Home& home, const Queue& queue, const Environment& environment,
                                       const Installation& installation);

} // namespace teal
