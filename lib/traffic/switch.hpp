/// @file
/// Switch: live traffic moved to the other color, without a deployment.
#pragma once

#include "model/origin.hpp"
#include "traffic/live_traffic.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct SwitchRequest {
  std::string app;
  std::optional<Color> color; ///< nothing: the idle one
  std::string who;
  bool force = false;          ///< even if it is not healthy
  std::string verb = "switch"; ///< what the history calls it
  Origin origin = {};
};

struct SwitchResult {
  std::optional<Color> from; ///< nothing: none was live
  Color to = Color::blue;
  std::string commit;     ///< that is live now, 40 hex digits
  std::string address;    ///< of live traffic; empty if the app has no route
  std::string went_back;  ///< why all traffic is back where it was; empty if it is not
  std::string called_off; ///< the gradual switch that ended with it; empty if none did
};

/// Throws Error(settings) without a router, Error(usage) if the color is empty, Error(environment) if it does not run
/// or is not healthy: then live traffic stays where it is, and the text says where. A gradual switch that is under way
/// is called off; which color is then meant must be said, or it is Error(usage). `tell` gets a line where a router was
/// started for it, or took over from one of another kind.
SwitchResult switch_traffic(Services& services, Store& store, const SwitchRequest& request,
                            const std::function<void(const std::string&)>& tell);

} // namespace teal
