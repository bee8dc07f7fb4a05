/// @file
/// ContainerSpec: what a container of a release is made with, whether it is to serve or to run once.
#pragma once

#include "config/settings.hpp"
#include "engine/containers.hpp"
#include "model/release.hpp"
#include "model/slot.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace teal {

struct RunRequest {
  const Slot& slot;
  const Release& release;
  const AppSettings& settings;
  const std::map<std::string, std::string>& env;
  std::int64_t deployment = 0;
  bool publish = true;      ///< its port on the host; false behind a router
  std::int64_t scaling = 0; ///< the deployment that adds it to those that `deployment` made; 0: that one made it itself
  std::string address = {}; ///< of those that choose_addresses() gave; empty: one is chosen
};

/// Image, environment, labels and limits; it has no name, no network and no command yet.
[[nodiscard]] engine::ContainerSpec spec_of(const RunRequest& request);

} // namespace teal
