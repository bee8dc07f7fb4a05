/// @file
/// make_router(): the router that the settings name.
#pragma once

#include "config/settings.hpp"
#include "process/subprocess.hpp"
#include "route/router.hpp"

#include <filesystem>
#include <memory>

namespace teal::route {

/// Nothing for kind none. All that a router of ours has lies in `folder`. Nothing is asked or started yet.
[[nodiscard]] std::unique_ptr<Router> make_router(const ServerSettings::Router& settings,
                                                  const std::filesystem::path& folder, const Environment& environment);

} // namespace teal::route
