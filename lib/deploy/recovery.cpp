#include "deploy/recovery.hpp"

#include "deploy/delivery.hpp"
#include "model/event.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/settle.hpp"

#include <fmt/format.h>

namespace teal {

Unfinished recover(const FileLock& app_lock, Services& services, Store& store, const Deployment& deployment) {
  const Slot slot = services.slot(deployment.event.app, deployment.color.value());
  const auto current = settle(app_lock, services, slot).current;
  LiveTraffic traffic(services, store, slot.app);
  traffic.follow_router(deployment.event.who);
  const bool is_its = current && (deployment.replicas > 0
                                      ? current->replicas.size() + 1 == static_cast<std::size_t>(deployment.replicas)
                                      : current->deployment == deployment.id);
  const bool serves = is_its && current->runs;
  if (!serves) {
    return Unfinished::undone;
  }
  return traffic.live() == slot.color ? Unfinished::live : Unfinished::ready;
}

std::string describe_running(Services& services, const Slot& slot) {
  try {
    const auto current = services.target(slot.app).current(slot);
    if (!current || !current->runs) {
      return fmt::format("nothing runs on {}", to_string(slot.color));
    }
    const std::string port = current->published == 0 ? "" : fmt::format(" on port {}", current->published);
    const std::size_t replicas = current->replicas.size() + 1;
    return fmt::format("{} still runs {} (deployment {}{}){}", to_string(slot.color), short_commit(current->commit),
                       current->deployment, replicas == 1 ? "" : fmt::format(", {} replicas", replicas), port);
  } catch (const std::exception&) {
    return fmt::format("what runs on {} cannot be told now (tealhook check says why)", to_string(slot.color));
  }
}

std::string describe_running(Services& services, const Store& store, const Deployment& deployment) {
  const std::string& app = deployment.event.app;
  return deployment.color ? describe_running(services, services.slot(app, *deployment.color))
                          : describe_delivered(services, store, app, deployment.destination);
}

} // namespace teal
