/// @file
/// Submission: what every door does with its Event: store it with a deployment, and see to it that a runner works.
///
/// Nothing is shown here, and neither engine nor router is asked: whoever submits has the answer at once, and shows it
/// (presenter.hpp) or not.
#pragma once

#include "core/error.hpp"
#include "model/home.hpp"
#include "model/live.hpp"
#include "model/principal.hpp"
#include "model/request.hpp"
#include "process/detached.hpp"
#include "process/installation.hpp"
#include "store/store.hpp"

#include <optional>
#include <vector>

namespace teal {

/// What a submission is made in.
struct Workplace {
  Home home;
  Environment environment; ///< of runners
  Installation installation;
  Store& store;
};

struct Submission {
  Deployment deployment;        ///< queued; or cancelled, because the app is frozen
  std::optional<Freeze> freeze; ///< which cancelled it
  std::optional<Pause> pause;   ///< which keeps it waiting
  std::vector<std::int64_t> superseded;
  std::vector<Deployment> ahead;     ///< that run now, and have to end first
  std::optional<ProcessId> runner;   ///< that was started for it; nothing where one is at work
  std::optional<Error> runner_fault; ///< why none could be started: it waits for the next one
};

/// Stores event and deployment in one transaction, in the name of `who`, and starts a runner that outlives us. While
/// the app is frozen the event is recorded, and nothing of it runs; a rollback is let through. While it is paused all
/// waits. What nobody asks for by hand waits for others, too (deploy.quiet). Throws Error(usage) if `who` may not,
/// Error(settings) if there is no such destination; then nothing is stored.
[[nodiscard]] Submission submit(const Workplace& place, const Principal& who, Request request);

/// What the app's queue kept may begin again, as `who` wants it, and a runner is started for it.
struct Resumption {
  bool was_paused = false;
  int waiting = 0;                   ///< deployments that begin, or are due later
  std::optional<Error> runner_fault; ///< as of a submission
};
[[nodiscard]] Resumption resume_queue(const Workplace& place, const Principal& who, const std::string& app);

/// Throws Error(settings), in words, unless the app can be deployed to `destination`.
void require_destination(const Home& home, std::string_view app, const Destination& destination);

} // namespace teal
