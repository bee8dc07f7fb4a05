#include "traffic/settle.hpp"

#include "target/docker/settle.hpp"
#include "traffic/live_traffic.hpp"

namespace teal {

SlotContainers settle(Services& services, const Slot& slot, std::int64_t failed) {
  return settle(services.docker, slot, [&] { return routed_containers(services, slot.app); }, failed);
}

} // namespace teal
