/// @file
/// make_router(): the router that the settings name; and what is known of each kind before one is made.
///
/// The list of kinds is config/router_kinds.def: a new one is a line there and, in its own files, a function
/// NAME_description().
#pragma once

#include "config/settings.hpp"
#include "process/subprocess.hpp"
#include "route/router_description.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace teal::route {

/// Nothing for kind none. All that a router of ours has lies in `folder`. Nothing is asked or started yet.
[[nodiscard]] std::unique_ptr<Router> make_router(const ServerSettings::Router& settings,
                                                  const std::filesystem::path& folder, const Environment& environment);

/// Of kind none: that it can do nothing.
[[nodiscard]] const RouterDescription& describe_router(ServerSettings::Router::Kind kind);
/// "haproxy or nginx": the kinds with that ability.
[[nodiscard]] std::string routers_with(bool RouterDescription::*ability);

} // namespace teal::route
