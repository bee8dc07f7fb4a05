#include "request/presenter.hpp"

#include "core/text.hpp"
#include "request/follower.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

int tell_unfinished(const Error& error, std::int64_t deployment, Output& output) {
  output.write(fmt::format("error: {}\nUNFINISHED   deployment {} goes on once that is mended, with: tealhook "
                           "recover   what runs now: tealhook status\n",
                           error.what(), deployment));
  return exit_code(error.kind());
}

int follow(const Workplace& place, std::int64_t deployment, const std::optional<ProcessId>& runner, Output& output) {
  std::optional<Status> status;
  try {
    status = Follower(place, runner).follow(deployment, output);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage) {
      throw;
    }
    return tell_unfinished(error, deployment, output);
  }
  if (status == Status::cancelled) {
    const auto ended = place.store.history.deployment(deployment);
    return ended && is_cancelled_by_hand(*ended) ? 1 : exit_code(ErrorKind::busy);
  }
  if (status == Status::queued) {
    return exit_code(ErrorKind::busy);
  }
  return status == Status::failed ? 1 : 0;
}

} // namespace

std::string describe(const Freeze& freeze) {
  return fmt::format("'{}' is frozen by {} since {}: {}", freeze.app, freeze.who, format_time(freeze.at), freeze.why);
}

int present(const Workplace& place, const Submission& submission, Output& output, bool detach) {
  const Deployment& deployment = submission.deployment;
  if (deployment.status == Status::cancelled) {
    // What was asked for is kept, to be seen in the history.
    output.write(fmt::format("{}\n{}\n", submission.freeze ? describe(*submission.freeze) : deployment.outcome,
                             describe_kept(deployment)));
    return exit_code(ErrorKind::busy);
  }
  if (submission.pause) {
    output.write(describe_waiting(*submission.pause, deployment));
    return detach ? 0 : exit_code(ErrorKind::busy);
  }
  if (submission.runner_fault) {
    return tell_unfinished(*submission.runner_fault, deployment.id, output);
  }
  if (detach) {
    output.write(
        fmt::format("deployment {} is queued; follow it with: tealhook logs {} -f\n", deployment.id, deployment.id));
    return 0;
  }
  output.write(fmt::format("deployment {} goes on if you leave; come back with: tealhook logs {} -f\n", deployment.id,
                           deployment.id));
  if (deployment.due) {
    output.write(fmt::format("deployment {} waits {} for others (deploy.quiet); to call it off: tealhook queue cancel "
                             "{}\n",
                             deployment.id, format_duration(*deployment.due - deployment.created), deployment.id));
  }
  for (const Deployment& ahead : submission.ahead) {
    output.write(fmt::format("deployment {} waits until deployment {} ({}) has ended\n", deployment.id, ahead.id,
                             place_of(ahead)));
  }
  return follow(place, deployment.id, submission.runner, output);
}

int present(const Workplace& place, std::int64_t deployment, Output& output) {
  return follow(place, deployment, std::nullopt, output);
}

} // namespace teal
