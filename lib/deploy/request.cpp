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

} // namespace

Request request_deployment(const Door& door, const Event& event, const Aim& aim, bool detach) {
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
