/// @file
/// Apps: made and removed, with all that belongs to one.
#pragma once

#include "config/settings.hpp"
#include "model/principal.hpp"
#include "process/installation.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct NewApp {
  std::string name;
  std::optional<std::uint16_t> blue_port;  ///< chosen where not given
  std::optional<std::uint16_t> green_port; ///< likewise
  std::optional<std::uint16_t> live_port;  ///< likewise, with a router
  std::uint16_t container_port = 0;        ///< 0: what its image EXPOSEs
  Principal by = {};                       ///< makes it
};

/// Makes the app's folder: bare repositories with our hook, work trees, settings, logs. It appears whole or not at all.
/// Its ports open with its first deployment, behind a router as without one.
/// Throws Error(usage) for a name that cannot be or is taken, also by another home's app on the engine, and for a port
/// that is taken, with by whom.
AppSettings create_app(Services& services, Store& store, const Installation& installation, const NewApp& app);

/// Removes containers, network, images, the registry's manifests, history and folder. Throws Error(busy) while a
/// deployment of it runs, Error(environment) if the engine does not answer; then it can be run again. Returns what
/// stays, in words: what others use, and what a registry has that does not answer, since it may be away for good.
std::vector<std::string> remove_app(Services& services, Store& store, std::string_view app, const Principal& by);

struct LivePort {
  std::string app;
  std::uint16_t port = 0;
};
/// With a router: apps that no live traffic can come to yet get a live port each, as create_app() chooses it, written
/// into their app.yml. Returns those.
std::vector<LivePort> give_live_ports(Services& services);

} // namespace teal
