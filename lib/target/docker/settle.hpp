/// @file
/// Settle: what a killed runner or a failed step left of a slot, put right. The caller holds the app's lock.
#pragma once

#include "target/docker/docker_slots.hpp"

#include <functional>
#include <set>
#include <string>

namespace teal {

/// Bring the slot to rest, with all of its processes and replicas: each has the current container that it should have
/// (see succession.hpp), which has its port, and no successor. What is retired stays so. `find_routed` tells the ids of
/// the containers that get requests, and is asked only where that may matter; `failed` is a deployment that is to be
/// undone. Returns whether there was a successor, of a deployment that did not end.
bool settle(DockerSlots& docker, const Slot& slot, const std::function<std::set<std::string>()>& find_routed,
            std::int64_t failed = 0);

} // namespace teal
