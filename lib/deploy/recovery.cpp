#include "deploy/recovery.hpp"

#include "deploy/live_traffic.hpp"
#include "model/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace teal {

namespace {

bool is_at_rest(const SlotContainers& found) {
  return found.current && found.current_has_port() && !found.current_is_starting() && !found.next &&
         found.retired.empty();
}

using IsServing = std::function<bool(const std::string& id, const engine::Labels& labels)>;

/// With the retired container that matters, if any does, in front of the others.
Claims claims_of(SlotContainers& found, const IsServing& is_serving, const std::string& failed) {
  std::stable_partition(found.retired.begin(), found.retired.end(),
                        [&](const auto& container) { return is_serving(container.id, container.labels); });
  const auto claim = [&](const auto& container) {
    return Claimant{.is_there = true,
                    .gets_requests = is_serving(container.id, container.labels),
                    .has_failed = engine::label_of(container.labels, label::k_deployment) == failed};
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

void settle_slot(Services& services, SlotContainers found, const IsServing& is_serving, const std::string& failed) {
  const Claims claims = claims_of(found, is_serving, failed);
  services.docker.install(found, heir_of(claims));
}

/// The other processes follow the one that answers requests: what was started with it is what runs, and a process that
/// was given up goes, and does not come back.
void settle_processes(Services& services, const SlotContainers& web, const std::string& failed) {
  const std::string deployment = web.current ? engine::label_of(web.current->labels, label::k_deployment) : "";
  const auto is_serving = [&](const std::string& /*id*/, const engine::Labels& labels) {
    return engine::label_of(labels, label::k_deployment) == deployment;
  };
  for (const Slot& slot : services.docker.processes(web.slot)) {
    if (slot.process == k_task_process) {
      services.docker.containers().remove(slot.current_name());
    } else {
      SlotContainers found = services.docker.find(slot);
      std::erase_if(found.retired, [&](const auto& container) { return !is_serving(container.id, container.labels); });
      const auto serves = [&](const auto& container) { return container && is_serving("", container->labels); };
      const bool is_given_up = web.current && found.current && !serves(found.current) && !serves(found.next);
      settle_slot(services, std::move(found), is_serving, failed);
      if (is_given_up) {
        services.docker.retire(slot);
      }
    }
  }
}

} // namespace

SlotContainers settle(Services& services, const Slot& slot, std::int64_t failed) {
  const std::string undone = std::to_string(failed);
  SlotContainers found = services.docker.find(slot);
  if (!found.is_empty() && !is_at_rest(found)) {
    const auto routed = routed_containers(services, slot.app);
    settle_slot(
        services, found, [&](const std::string& id, const engine::Labels& /*labels*/) { return routed.contains(id); },
        undone);
    services.docker.finish_start(slot);
    found = services.docker.find(slot);
  }
  settle_processes(services, found, undone);
  return found;
}

Unfinished recover(Services& services, Store& store, const Deployment& deployment) {
  const Slot slot = services.slot(deployment.event.app, deployment.color);
  const auto current = settle(services, slot).current;
  LiveTraffic traffic(services, store, slot.app);
  traffic.follow_router(deployment.event.who);
  const bool serves = current && current->running && number_in_label(*current, label::k_deployment) == deployment.id;
  if (!serves) {
    return Unfinished::undone;
  }
  return traffic.live() == slot.color ? Unfinished::live : Unfinished::ready;
}

std::string describe_running(Services& services, const Slot& slot) {
  try {
    const auto current = services.docker.find(slot).current;
    if (!current || !current->running) {
      return fmt::format("nothing runs on {}", to_string(slot.color));
    }
    const std::string port = current->ports.empty() ? "" : fmt::format(" on port {}", current->ports.front().host_port);
    return fmt::format("{} still runs {} (deployment {}){}", to_string(slot.color),
                       short_commit(label_of(*current, label::k_commit)), label_of(*current, label::k_deployment),
                       port);
  } catch (const Error&) {
    return fmt::format("what runs on {} cannot be told now (tealhook check says why)", to_string(slot.color));
  }
}

} // namespace teal
