/// @file
/// Pause: a color stopped until a person starts it again, and then proven before it gets requests.
#pragma once

#include "model/principal.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <cstdint>
#include <string>

namespace teal {

/// With a router it gets no requests any more, and what it was asked is waited for (deploy.drain). False if nothing of
/// it runs. Throws Error(busy) while a deployment of the app runs or waits.
bool stop_color(Services& services, Store& store, const Slot& slot, const Principal& by);

/// What stop_color() stopped. False if it runs. Throws Error(usage) where nothing was deployed to the color; and as its
/// health check does: it runs then, and gets no requests.
bool start_color(Services& services, Store& store, const Slot& slot, const Principal& by);

} // namespace teal
