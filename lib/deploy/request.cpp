#include "deploy/request.hpp"

#include "config/load.hpp"
#include "deploy/follower.hpp"
#include "deploy/runner.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

void tell_waiting(const Door& door, const Deployment& deployment) {
  for (const Deployment& running : door.store.queue.unfinished(deployment.event.app)) {
    door.output.write(fmt::format("deployment {} waits until deployment {} ({}) has ended\n", deployment.id, running.id,
                                  to_string(running.color)));
  }
}

/// What was asked for is kept, to be seen in the history.
Request refuse_frozen(const Door& door, const Event& event, const Aim& aim, const Freeze& freeze) {
  const std::string reason = fmt::format("frozen by {}: {}", freeze.who, freeze.why);
  const std::int64_t id = door.store.queue.record_cancelled(event, aim, reason);
  door.output.write(
      fmt::format("{}\n{} is kept, but not deployed; later: tealhook unfreeze {}, then push or deploy again\n",
                  describe(freeze), short_commit(event.new_commit), freeze.app));
  return {.deployment = id, .exit_code = exit_code(ErrorKind::busy)};
}

} // namespace

std::string describe(const Freeze& freeze) {
  return fmt::format("'{}' is frozen by {} since {}: {}", freeze.app, freeze.who, format_time(freeze.at), freeze.why);
}

Request request_deployment(const Door& door, const Event& event, const Aim& aim, bool detach) {
  if (const auto freeze = aim.release == 0 ? door.store.traffic.freeze(event.app) : std::nullopt) {
    return refuse_frozen(door, event, aim, *freeze);
  }
  if (aim.follow && load_server_settings(door.home).router.kind == ServerSettings::Router::Kind::none) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml, "
                "then: tealhook router up; or deploy a color");
  }
  const Deployment deployment = door.store.queue.enqueue(event, aim).deployment;
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
  const auto status = follower.follow(deployment, door.output);
  return status == Status::failed || status == Status::cancelled ? 1 : 0;
}

} // namespace teal
