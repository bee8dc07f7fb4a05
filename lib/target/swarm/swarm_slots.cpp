#include "target/swarm/swarm_slots.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

Running of_labels(const engine::Service& service) {
  return {.id = service.id,
          .name = service.name,
          .app = engine::label_of(service.labels, label::k_app),
          .color = parse_color(engine::label_of(service.labels, label::k_color)),
          .deployment = engine::number_in_label(service.labels, label::k_deployment),
          .release = engine::number_in_label(service.labels, label::k_release),
          .commit = engine::label_of(service.labels, label::k_commit),
          .port = engine::port_in_label(service.labels, label::k_port)};
}

std::string describe_state(const engine::Service& service, bool runs) {
  std::string state = runs ? "running" : service.replicas == 0 ? "stopped" : "starting";
  if (service.update.starts_with("rollback") || service.update == "paused") {
    state += fmt::format(" (Swarm: {}, {})", service.update, service.update_message);
  }
  return state;
}

} // namespace

/// A service's name has no '.', which is before a replica's number.
std::string service_of(const Running& replica) {
  return replica.name.substr(0, replica.name.find('.'));
}

std::string service_name(const Slot& slot, std::int64_t deployment) {
  return fmt::format("tealhook-{}-{}-{}", slot.app, to_string(slot.color), deployment);
}

/// In the order of their numbers; one that was replaced is no replica any more.
Running SwarmSlots::running_of(const engine::Service& service, std::vector<engine::Task> tasks,
                               const std::map<std::string, engine::Node>& nodes) {
  const auto runs = [&](const engine::Task& task) {
    const auto node = nodes.find(task.node);
    return task.runs() && task.published != 0 && node != nodes.end() && node->second.is_ready;
  };
  std::erase_if(tasks, [&](const engine::Task& task) { return !runs(task); });
  std::sort(tasks.begin(), tasks.end(), [](const auto& one, const auto& other) { return one.slot < other.slot; });
  Running whole = of_labels(service);
  whole.state = describe_state(service, !tasks.empty());
  if (tasks.empty()) {
    return whole;
  }
  std::vector<Running> replicas;
  for (const engine::Task& task : tasks) {
    Running replica = whole;
    replica.id = task.id;
    replica.name = fmt::format("{}.{}", service.name, task.slot);
    replica.runs = true;
    replica.address = nodes.at(task.node).address;
    replica.port = task.published;
    replica.replica = static_cast<int>(task.slot);
    replicas.push_back(std::move(replica));
  }
  Running first = std::move(replicas.front());
  replicas.erase(replicas.begin());
  first.replicas = std::move(replicas);
  return first;
}

Running SwarmSlots::running_of(const engine::Service& service) {
  auto tasks = m_swarm.tasks(service.id);
  return running_of(service, std::move(tasks), m_swarm.nodes());
}

std::optional<std::string> why_incomplete(const engine::Service& service, const Running& running) {
  const std::size_t count = running.runs ? each_of(running).size() : 0;
  return static_cast<std::int64_t>(count) >= service.replicas
             ? std::nullopt
             : std::optional(fmt::format("{} of {} replicas run", count, service.replicas));
}

SlotServices SwarmSlots::find(const Slot& slot) {
  SlotServices found;
  for (engine::Service& service : m_swarm.services(slot.labels())) {
    const std::string role = engine::label_of(service.labels, swarm_label::k_role);
    if (role == swarm_label::k_current) {
      found.current = std::move(service);
    } else if (role == swarm_label::k_next) {
      found.next = std::move(service);
    } else {
      found.retired.push_back(std::move(service));
    }
  }
  std::sort(found.retired.begin(), found.retired.end(),
            [](const auto& one, const auto& other) { return one.created > other.created; });
  return found;
}

void SwarmSlots::set_role(const engine::Service& service, const char* role) {
  m_swarm.set_labels(service.id, {{swarm_label::k_role, role}});
}

void SwarmSlots::retire(const engine::Service& service) {
  set_role(service, swarm_label::k_retired);
}

void SwarmSlots::adopt(const Slot& slot) {
  const SlotServices found = find(slot);
  install(found, Place::next);
}

/// Whoever is replaced gives its place up first: a successor that nobody is in the way of was proven.
void SwarmSlots::install(const SlotServices& found, std::optional<Place> heir) {
  if (found.current && heir != Place::current) {
    retire(*found.current);
  }
  if (found.next && heir == Place::next) {
    set_role(*found.next, swarm_label::k_current);
  } else if (found.next) {
    m_swarm.remove(found.next->id);
  }
  if (heir == Place::retired) {
    set_role(found.retired.front(), swarm_label::k_current);
  }
}

Claimant SwarmSlots::claim_of(const engine::Service& service, const std::set<std::string>& routed,
                              std::int64_t failed) {
  const auto tasks = m_swarm.tasks(service.id);
  return {.is_there = true,
          .gets_requests = std::any_of(tasks.begin(), tasks.end(),
                                       [&](const engine::Task& task) { return routed.contains(task.id); }),
          .has_failed = failed != 0 && engine::number_in_label(service.labels, label::k_deployment) == failed};
}

bool SwarmSlots::settle(const Slot& slot, const std::function<std::set<std::string>()>& find_routed,
                        std::int64_t failed) {
  SlotServices found = find(slot);
  const bool had_next = found.next.has_value();
  const bool has_failed =
      found.current && failed != 0 && engine::number_in_label(found.current->labels, label::k_deployment) == failed;
  if (found.is_empty() || (found.current && !has_failed && !had_next && found.retired.empty())) {
    return had_next;
  }
  const auto routed = find_routed();
  Claims claims;
  if (found.current) {
    claims.current = claim_of(*found.current, routed, failed);
  }
  if (found.next) {
    claims.next = claim_of(*found.next, routed, failed);
  }
  for (auto one = found.retired.begin(); one != found.retired.end(); ++one) {
    const Claimant claim = claim_of(*one, routed, failed);
    if (claim.gets_requests || !claims.retired.is_there) {
      claims.retired = claim;
      std::rotate(found.retired.begin(), one, one + 1); // in front of the others
    }
    if (claim.gets_requests) {
      break;
    }
  }
  install(found, heir_of(claims));
  return had_next;
}

} // namespace teal
