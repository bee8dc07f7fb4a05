/// @file
/// ReleaseHealth: when what runs is healthy, as the settings of its own release say.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"
#include "store/history.hpp"

#include <string_view>

namespace teal {

/// Those of now where the release's own were not kept. Throws Error(settings) if they cannot be read.
[[nodiscard]] HealthSettings health_of_release(const Home& home, const History& history, std::string_view app,
                                               std::int64_t release);

} // namespace teal
