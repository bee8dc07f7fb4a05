#include "deploy/recovery.hpp"

#include "traffic/live_traffic.hpp"
#include "traffic/settle.hpp"
#include "model/event.hpp"

#include <fmt/format.h>

namespace teal {

Unfinished recover(Services& services, Store& store, const Deployment& deployment) {
  const Slot slot = services.slot(deployment.event.app, deployment.color.value());
  const auto current = settle(services, slot).current;
  LiveTraffic traffic(services, store, slot.app);
  traffic.follow_router(deployment.event.who);
  const bool serves = current && current->running && engine::number_in_label(*current, label::k_deployment) == deployment.id;
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
                       short_commit(engine::label_of(*current, label::k_commit)), engine::label_of(*current, label::k_deployment),
                       port);
  } catch (const Error&) {
    return fmt::format("what runs on {} cannot be told now (tealhook check says why)", to_string(slot.color));
  }
}

} // namespace teal
