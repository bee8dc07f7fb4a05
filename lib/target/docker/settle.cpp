#include "target/docker/settle.hpp"

#include <algorithm>

namespace teal {

namespace {

bool is_of(const engine::Labels& labels, const std::string& deployment) {
  return engine::label_of(labels, label::k_deployment) == deployment;
}

/// A failed deployment's container may have got the name before its deployment failed.
bool is_at_rest(const SlotContainers& found, const std::string& failed) {
  return found.current && !is_of(found.current->labels, failed) && found.current_has_port() &&
         !found.current_is_starting() && !found.next && found.retired.empty();
}

using IsServing = std::function<bool(const std::string& id, const engine::Labels& labels)>;

/// With the retired container that matters, if any does, in front of the others.
Claims claims_of(SlotContainers& found, const IsServing& is_serving, const std::string& failed) {
  std::stable_partition(found.retired.begin(), found.retired.end(),
                        [&](const auto& container) { return is_serving(container.id, container.labels); });
  const auto claim = [&](const auto& container) {
    return Claimant{.is_there = true,
                    .gets_requests = is_serving(container.id, container.labels),
                    .has_failed = is_of(container.labels, failed)};
  };
  Claims claims;
  if (found.current) {
    claims.current = claim(*found.current);
  }
  if (found.next) {
    claims.next = claim(*found.next);
  }
  if (!found.retired.empty()) {
    claims.retired = claim(found.retired.front());
  }
  return claims;
}

void settle_slot(DockerSlots& docker, SlotContainers found, const IsServing& is_serving, const std::string& failed) {
  const Claims claims = claims_of(found, is_serving, failed);
  docker.install(found, heir_of(claims));
}

/// The other processes follow the one that answers requests: what was started with it is what runs, and a process that
/// was given up goes, and does not come back.
void settle_processes(DockerSlots& docker, const SlotContainers& web, const std::string& failed) {
  const std::string deployment = web.current ? engine::label_of(web.current->labels, label::k_deployment) : "";
  const auto is_serving = [&](const std::string& /*id*/, const engine::Labels& labels) {
    return is_of(labels, deployment);
  };
  for (const Slot& slot : docker.processes(web.slot)) {
    if (slot.process == k_task_process) {
      docker.containers().remove(slot.current_name());
    } else {
      SlotContainers found = docker.find(slot);
      std::erase_if(found.retired, [&](const auto& container) { return !is_serving(container.id, container.labels); });
      const auto serves = [&](const auto& container) { return container && is_serving("", container->labels); };
      const bool is_given_up = web.current && found.current && !serves(found.current) && !serves(found.next);
      settle_slot(docker, std::move(found), is_serving, failed);
      if (is_given_up) {
        docker.retire(slot);
      }
    }
  }
}

} // namespace

SlotSettled settle(DockerSlots& docker, const Slot& slot, const std::function<std::set<std::string>()>& find_routed,
                   std::int64_t failed) {
  const std::string undone = std::to_string(failed);
  SlotContainers found = docker.find(slot);
  const bool had_next = found.next.has_value();
  if (!found.is_empty() && !is_at_rest(found, undone)) {
    const auto routed = find_routed();
    settle_slot(
        docker, found, [&](const std::string& id, const engine::Labels& /*labels*/) { return routed.contains(id); },
        undone);
    docker.finish_start(slot);
    found = docker.find(slot);
  }
  settle_processes(docker, found, undone);
  return {.containers = std::move(found), .had_next = had_next};
}

} // namespace teal
