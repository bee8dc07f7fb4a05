/// @file
/// Preflight: what would make a deployment fail, found out before anything is touched.
#pragma once

#include "config/settings.hpp"
#include "deploy/services.hpp"
#include "route/table.hpp"

#include <optional>
#include <string>

namespace teal {

/// Throws Error(environment) with what mends it: the registry does not answer, the disk has less than
/// `limits.min_free_disk` left, the slot's port is somebody else's, the app's network is full, or the router was taken
/// down; Error(settings) if the certificate cannot be used, or another app comes in at the same place.
void preflight(Services& services, const Slot& slot, const SlotContainers& running, const AppSettings& settings);

/// Throws Error(environment) if the engine has not addresses enough in the app's network for what a deployment starts
/// beside all that is there.
void require_addresses(Services& services, const Slot& slot, const AppSettings& settings);
/// The way in alone: the port, or the router.
void require_entrance(Services& services, const Slot& slot, const SlotContainers& running, const AppSettings& settings);
/// With a router: throws Error(settings) if another app has a port, or a host and path, of those that the settings
/// name, and Error(environment), saying who has it, if the router cannot listen on a port that it needs for the app.
void require_ways_in(Services& services, const std::string& app, const AppSettings& settings,
                     const std::optional<route::Tls>& tls);

void require_registry(Services& services);
/// Throws Error(environment) if a disk that a deployment writes to has less than the limit left.
void require_free_disk(Services& services);
/// Throws Error(environment), saying by whom, if `port` is taken by anything but the slot's own containers.
void require_port(Services& services, const Slot& slot, std::uint16_t port);

} // namespace teal
