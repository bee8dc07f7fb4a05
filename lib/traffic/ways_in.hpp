/// @file
/// WaysIn: where people's requests come in, and whether an app can have what its settings name.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"
#include "target/services.hpp"

#include <optional>
#include <string>

namespace teal {

/// Without a router throws as Target::require_port(); with one as require_ways_in(), Error(environment) if somebody
/// took it down, and Error(settings) if the certificate cannot be used.
void require_entrance(Services& services, const Slot& slot, const std::optional<Running>& current,
                      const AppSettings& settings);
/// With a router: throws Error(settings) if another app has a port, or a host and path, of those that the settings
/// name, and Error(environment), saying who has it, if the router cannot listen on a port that it needs for the app.
void require_ways_in(Services& services, const std::string& app, const AppSettings& settings,
                     const std::optional<route::Tls>& tls);

} // namespace teal
