/// @file
/// Restart: what a color runs, started anew beside itself with the settings of now: a deployment without a build.
#pragma once

#include "model/request.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <string>
#include <vector>

namespace teal {

/// What people mean who name none: the live one; where nothing is live, the one that was deployed last. Throws
/// Error(usage) if nothing was.
[[nodiscard]] Color color_in_use(Services& services, Store& store, const std::string& app);
/// Those with something that runs, that color first.
[[nodiscard]] std::vector<Color> colors_that_run(Services& services, Store& store, const std::string& app);

/// Throws Error(usage) if nothing was deployed to the color.
[[nodiscard]] Request restart_request(Services& services, Store& store, const std::string& app, Color color);

} // namespace teal
