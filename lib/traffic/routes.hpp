/// @file
/// Routes: what the router is told of an app, from where its containers are and which color is live.
#pragma once

#include "config/settings.hpp"
#include "route/table.hpp"
#include "target/running.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace teal {

/// What serves each color, and where live traffic goes.
struct Placement {
  std::map<Color, Running> serving;
  std::optional<Color> live;
  std::map<Color, unsigned> shares; ///< of live traffic in percent, while it is shifted; empty: all of it to `live`
};

/// A color's route is left out where what serves it has the port itself, as one made without a router does. What
/// does not run gets no requests. `tls` is that of the hosts in the settings.
[[nodiscard]] std::vector<route::Route> routes_for(std::string_view app, const AppSettings& settings,
                                                   const std::optional<route::Tls>& tls, const Placement& placement);

} // namespace teal
