/// @file
/// Preflight: what the engine's side would make a deployment fail with, found out before anything is touched.
#pragma once

#include "config/settings.hpp"
#include "target/services.hpp"

#include <optional>
#include <string>

namespace teal {

/// Throws Error(environment) if the engine has not addresses enough in the app's network for what a deployment starts
/// beside all that is there.
void require_addresses(Services& services, const Slot& slot, const AppSettings& settings);
/// Throws Error(settings) where nothing could share requests among several.
void require_router_for_replicas(const Services& services, std::string_view app);
void require_registry(Services& services);
/// Throws Error(environment) if a disk that a deployment writes to has less than the limit left.
void require_free_disk(Services& services);
/// Throws Error(environment), saying by whom, if `port` is taken by anything but the slot's own containers.
void require_port(Services& services, const Slot& slot, std::uint16_t port);
/// Throws the Error that tells of a port which `holder` has.
[[noreturn]] void refuse_port(std::uint16_t port, const std::string& holder, std::string_view app);

} // namespace teal
