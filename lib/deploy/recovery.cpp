#include "deploy/recovery.hpp"

#include "deploy/live_traffic.hpp"
#include "model/event.hpp"

#include <fmt/format.h>

#include <set>

namespace teal {

namespace {

constexpr Milliseconds k_stop_timeout{
    10'000}; ///< of a container whose settings are not at hand: the engine's own default

bool is_at_rest(const SlotContainers& found) {
  return !found.next && !found.retired && (!found.current || found.current_has_port()) && !found.current_is_starting();
}

/// Whether requests go to the container already: then its runner was killed after the switch.
bool is_routed(Services& services, const engine::Container& container) {
  if (!services.router) {
    return false;
  }
  for (const route::Route& route : services.router->table().routes) {
    for (const route::Server& server : route.servers) {
      if (server.container == container.id) {
        return true;
      }
    }
  }
  return false;
}

/// The other processes follow the one that answers requests: what was started with it stays, what was not goes.
void settle_processes(Services& services, const SlotContainers& web) {
  const std::string deployment = web.current ? label_of(*web.current, label::k_deployment) : "";
  std::set<std::string> processes;
  for (const auto& container : services.docker.containers().list(web.slot.labels())) {
    if (const auto process = container.labels.find(label::k_process); process != container.labels.end()) {
      processes.insert(process->second);
    }
  }
  for (const std::string& process : processes) {
    const Slot slot = web.slot.of_process(process);
    const SlotContainers found = services.docker.find(slot);
    if (process == k_task_process) {
      services.docker.containers().remove(slot.current_name());
    } else if (found.next && label_of(*found.next, label::k_deployment) == deployment) {
      services.docker.adopt(slot);
    } else if (found.next) {
      services.docker.take_back(slot);
    }
    services.docker.retire(slot, k_stop_timeout);
  }
}

} // namespace

SlotContainers settle(Services& services, const Slot& slot) {
  SlotContainers found = services.docker.find(slot);
  if (!is_at_rest(found)) {
    if (found.next && (is_routed(services, *found.next) || (found.retired && !found.current))) {
      services.docker.adopt(slot);
    } else {
      services.docker.take_back(slot);
    }
    services.docker.retire(slot, k_stop_timeout);
    found = services.docker.find(slot);
  }
  if (slot.process.empty()) {
    settle_processes(services, found);
  }
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
