/// @file
/// RouterDescription: what a kind of router can do, and how one is made. A kind's own files have a function
/// NAME_description(), which the list in config/router_kinds.def finds by its name.
#pragma once

#include "config/settings.hpp"
#include "process/subprocess.hpp"
#include "route/router.hpp"

#include <filesystem>
#include <memory>

namespace teal::route {

struct RouterDescription {
  bool can_weigh = false;         ///< a server's weight counts beyond 0 and not 0
  bool gets_certificates = false; ///< and renews them, by itself
  /// All that a router of ours has lies in `folder`. Throws Error(settings) if the settings ask for what it cannot do.
  using Make = std::unique_ptr<Router>(const ServerSettings::Router& settings, const std::filesystem::path& folder,
                                       const Environment& environment);
  Make* make = nullptr;
};

template <class Kind>
std::unique_ptr<Router> make(const ServerSettings::Router& settings, const std::filesystem::path& folder,
                             const Environment& environment) {
  return std::make_unique<Kind>(settings, folder, environment);
}

} // namespace teal::route
