#include "traffic/settle.hpp"

#include "traffic/live_traffic.hpp"

namespace teal {

Settled settle(const FileLock& app_lock, Services& services, const Slot& slot, std::int64_t failed) {
  return services.target(slot.app).settle(
      app_lock, slot, [&] { return routed_containers(services, slot.app); }, failed);
}

} // namespace teal
