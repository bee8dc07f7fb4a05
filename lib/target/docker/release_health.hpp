/// @file
/// ReleaseHealth: whether a container that serves is healthy, as the settings of its own release say.
#pragma once

#include "target/docker/health.hpp"
#include "target/services.hpp"
#include "store/store.hpp"

#include <string>

namespace teal {

struct ReleaseHealth {
  HealthSettings settings;
  HealthSubject subject;
};

[[nodiscard]] ReleaseHealth health_of(const Services& services, const Store& store, const std::string& app,
                                      const engine::Container& container);
/// One probe. Throws Error(environment) if the container does not run.
[[nodiscard]] Probe probe_container(Services& services, const Store& store, const std::string& app,
                                    const engine::Container& container);

} // namespace teal
