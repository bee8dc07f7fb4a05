/// @file
/// Forgetting: what came in is kept for a while (serve.keep_events), and then forgotten, a little at a time, by whoever
/// has just worked and holds nobody up.
#pragma once

#include "model/home.hpp"
#include "store/store.hpp"

#include <string_view>

namespace teal {

/// Old events of the app with their deployments and logs, and old deliveries of all apps. What is kept for a rollback
/// stays (see store/old_events). Throws Error.
void forget_old_events(const Home& home, Store& store, std::string_view app);

} // namespace teal
