#include "target/docker/settle.hpp"

#include <algorithm>
#include <optional>

namespace teal {

namespace {

bool is_of(const engine::Labels& labels, const std::string& deployment) {
  return engine::label_of(labels, label::k_deployment) == deployment;
}

/// Made by it, or added to what another one had made.
bool has_failed(const engine::Labels& labels, const std::string& failed) {
  return is_of(labels, failed) || engine::label_of(labels, label::k_scaling) == failed;
}

/// A failed deployment's container may have got the name before its deployment failed.
bool is_at_rest(const SlotContainers& found, const std::string& failed) {
  return found.current && !has_failed(found.current->labels, failed) && found.current_has_port() &&
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
                    .has_failed = has_failed(container.labels, failed)};
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

/// What of a slot is to be there beside the one that answers requests, which has been settled.
struct Company {
  DockerSlots& docker;
  const SlotContainers& web;
  const IsServing& is_serving;
  const std::string& failed;

  /// One that was given up goes, and does not come back. Returns whether there was a successor.
  [[nodiscard]] bool settle(const Slot& slot) const {
    SlotContainers found = docker.find(slot);
    std::erase_if(found.retired, [&](const auto& container) { return !is_serving(container.id, container.labels); });
    const std::string deployment = web.current ? engine::label_of(web.current->labels, label::k_deployment) : "";
    const auto stays = [&](const auto& container) {
      return container && (is_serving(container->id, container->labels) || is_of(container->labels, deployment));
    };
    const bool is_given_up = web.current && found.current && !stays(found.current) && !stays(found.next);
    const bool had_next = found.next.has_value();
    settle_slot(docker, std::move(found), is_serving, failed);
    if (is_given_up) {
      docker.retire(slot);
    }
    return had_next;
  }
};

/// A process follows the one that answers requests: what was started with it is what runs. A replica gets requests of
/// its own. Returns whether one had a successor.
bool settle_others(DockerSlots& docker, const SlotContainers& web, const IsServing& is_routed,
                   const std::string& failed) {
  const std::string deployment = web.current ? engine::label_of(web.current->labels, label::k_deployment) : "";
  const IsServing is_with_web = [&](const std::string& /*id*/, const engine::Labels& labels) {
    return is_of(labels, deployment);
  };
  bool had_next = false;
  for (const Slot& slot : docker.others(web.slot)) {
    if (slot.process == k_task_process) {
      docker.containers().remove(slot.current_name());
    } else {
      const IsServing& is_serving = slot.process.empty() ? is_routed : is_with_web;
      had_next = Company{docker, web, is_serving, failed}.settle(slot) || had_next;
    }
  }
  return had_next;
}

} // namespace

bool settle(DockerSlots& docker, const Slot& slot, const std::function<std::set<std::string>()>& find_routed,
            std::int64_t failed) {
  const std::string undone = std::to_string(failed);
  SlotContainers found = docker.find(slot);
  bool had_next = found.next.has_value();
  std::optional<std::set<std::string>> routed; // once asked for
  const IsServing is_routed = [&](const std::string& id, const engine::Labels& /*labels*/) {
    if (!routed) {
      routed = find_routed();
    }
    return routed->contains(id);
  };
  if (!found.is_empty() && !is_at_rest(found, undone)) {
    settle_slot(docker, found, is_routed, undone);
    docker.finish_start(slot);
    found = docker.find(slot);
  }
  return settle_others(docker, found, is_routed, undone) || had_next;
}

} // namespace teal
