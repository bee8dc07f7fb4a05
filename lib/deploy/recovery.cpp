#include "deploy/recovery.hpp"

#include "model/event.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_stop_timeout{
    10'000}; ///< of a container whose settings are not at hand: the engine's own default

std::string label_of(const engine::Container& container, const char* name) {
  const auto found = container.labels.find(name);
  return found == container.labels.end() ? "?" : found->second;
}

} // namespace

SlotContainers settle(Services& services, const Slot& slot) {
  SlotContainers found = services.docker.find(slot);
  const bool at_rest = !found.next && !found.retired && (!found.current || found.current_has_port()) && !found.current_is_starting();
  if (at_rest) {
    return found;
  }
  if (found.next && found.retired && !found.current) {
    services.docker.adopt(slot);
  } else {
    services.docker.take_back(slot);
  }
  services.docker.retire(slot, k_stop_timeout);
  return services.docker.find(slot);
}

Unfinished recover(Services& services, const Deployment& deployment) {
  const auto current = settle(services, services.slot(deployment.event.app, deployment.color)).current;
  const bool serves =
      current && current->running && label_of(*current, label::k_deployment) == std::to_string(deployment.id);
  return serves ? Unfinished::succeeded : Unfinished::undone;
}

std::string describe_running(Services& services, const Slot& slot) {
  try {
    const auto current = services.docker.find(slot).current;
    if (!current || !current->running) {
      return fmt::format("nothing runs on {}", to_string(slot.color));
    }
    const std::string port =
        current->ports.empty() ? "no port" : fmt::format("port {}", current->ports.front().host_port);
    return fmt::format("{} still runs {} (deployment {}) on {}", to_string(slot.color),
                       short_commit(label_of(*current, label::k_commit)), label_of(*current, label::k_deployment),
                       port);
  } catch (const Error&) {
    return fmt::format("what runs on {} cannot be told now (tealhook check says why)", to_string(slot.color));
  }
}

} // namespace teal
