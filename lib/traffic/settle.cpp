#include "traffic/settle.hpp"

#include "traffic/live_traffic.hpp"

namespace teal {

Settled settle(Services& services, const Slot& slot, std::int64_t failed) {
  return services.target(slot.app).settle(
      slot, [&] { return routed_containers(services, slot.app); }, failed);
}

} // namespace teal
