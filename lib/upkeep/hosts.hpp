/// @file
/// Hosts: the host names that an app's live traffic comes in by, changed while it runs.
#pragma once

#include "model/principal.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <string>

namespace teal {

enum class HostWish { add, remove };

/// Written into app.yml and told to the router, both or neither. False if it was so already. Throws Error(settings)
/// without a router, for what is no host name, and for one that another app has.
bool change_hosts(Services& services, Store& store, const std::string& app, HostWish wish, const std::string& host,
                  const Principal& by);

} // namespace teal
