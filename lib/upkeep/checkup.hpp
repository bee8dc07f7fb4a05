/// @file
/// Checkup: everything that could go wrong with a deployment, looked at without one, with what to do about it.
#pragma once

#include "process/installation.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct Finding {
  bool good = true;
  std::string subject; ///< "engine", "shop: blue"
  std::string text;    ///< what was found; if it is not good, what to do as well
};

/// Engine, command line, registry, disk, addresses for networks.
[[nodiscard]] std::vector<Finding> check_server(Services& services);
/// Settings, repositories (also those outside of the home), hooks, containers and ports of one app.
[[nodiscard]] std::vector<Finding> check_app(Services& services, const Store& store, const Installation& installation,
                                             std::string_view app);

} // namespace teal
