#include "request/request.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "request/follower.hpp"
#include "request/runner_start.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

/// What was asked for is kept, to be seen in the history.
void tell_frozen(const Door& door, const Deployment& deployment) {
  const auto freeze = door.store.traffic.freeze(deployment.event.app);
  door.output.write(fmt::format("{}\n", freeze ? describe(*freeze) : deployment.outcome));
  door.output.write(describe_kept(deployment) + "\n");
}

void tell_waiting(const Door& door, const Deployment& deployment) {
  for (const Deployment& running : door.store.queue.unfinished(deployment.event.app)) {
    if (is_final(running.status)) {
      continue; // what it replaced takes its leave beside ours
    }
    door.output.write(fmt::format("deployment {} waits until deployment {} ({}) has ended\n", deployment.id, running.id,
                                  to_string(running.color)));
  }
}

} // namespace

std::string describe(const Freeze& freeze) {
  return fmt::format("'{}' is frozen by {} since {}: {}", freeze.app, freeze.who, format_time(freeze.at), freeze.why);
}

Request request_deployment(const Door& door, const Event& event, const Aim& aim, bool detach) {
  if (aim.follow && load_server_settings(door.home).router.kind == ServerSettings::Router::Kind::none) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml, "
                "then: tealhook router up; or deploy a color");
  }
  const Deployment deployment = door.store.queue.enqueue(event, aim).deployment;
  if (deployment.status == Status::cancelled) {
    tell_frozen(door, deployment);
    return {.deployment = deployment.id, .exit_code = exit_code(ErrorKind::busy)};
  }
  if (detach) {
    start_runner(door.home, event.app, door.environment, door.installation);
    door.output.write(
        fmt::format("deployment {} is queued; follow it with: tealhook logs {} -f\n", deployment.id, deployment.id));
    return {.deployment = deployment.id};
  }
  door.output.write(fmt::format("deployment {} goes on if you leave; come back with: tealhook logs {} -f\n",
                                deployment.id, deployment.id));
  tell_waiting(door, deployment);
  return {.deployment = deployment.id, .exit_code = follow_deployment(door, deployment.id)};
}

int follow_deployment(const Door& door, std::int64_t deployment) {
  Follower follower(door.home, door.environment, door.installation, door.store.history);
  std::optional<Status> status;
  try {
    status = follower.follow(deployment, door.output);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage) {
      throw;
    }
    door.output.write(fmt::format("error: {}\nUNFINISHED   deployment {} goes on once that is mended, with: tealhook "
                                  "recover   what runs now: tealhook status\n",
                                  error.what(), deployment));
    return exit_code(error.kind());
  }
  if (status == Status::cancelled) {
    const auto deployment_now = door.store.history.deployment(deployment);
    return deployment_now && is_cancelled_by_hand(*deployment_now) ? 1 : exit_code(ErrorKind::busy);
  }
  return status == Status::failed ? 1 : 0;
}

} // namespace teal
