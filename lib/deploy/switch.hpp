/// @file
/// Switch: live traffic moved to the other color, at once or by and by, without a deployment.
#pragma once

#include "deploy/health.hpp"
#include "deploy/live_traffic.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct SwitchRequest {
  std::string app;
  std::optional<Color> color; ///< nothing: the idle one
  std::string who;
  bool force = false; ///< even if it is not healthy
};

struct SwitchResult {
  std::optional<Color> from; ///< nothing: none was live
  Color to = Color::blue;
  std::string commit;    ///< that is live now, 40 hex digits
  std::string address;   ///< of live traffic; empty if the app has no route
  std::string went_back; ///< why all traffic is back where it was; empty if it is not
};

/// One probe of a color's container, as its release's health settings say. Throws Error(environment) if it does not
/// run.
[[nodiscard]] Probe probe_container(Services& services, Store& store, const std::string& app,
                                    const engine::Container& container);

/// Throws Error(settings) without a router, Error(environment) if the color has nothing that runs, or it is not
/// healthy: then live traffic stays where it is, and the text says where.
SwitchResult switch_traffic(Services& services, Store& store, const SwitchRequest& request);

struct Stages {
  std::vector<unsigned> percent;       ///< of live traffic for the new color, rising; the last is 100
  Milliseconds every{30'000};          ///< how long each but the last is watched
  std::optional<double> max_errors;    ///< in percent of the new color's requests in a stage; more: back to the old one
  std::function<bool()> is_called_off; ///< asked twice a second; true: back to the old one
};

/// As switch_traffic(), stage by stage; `tell` gets a line for each. If the new color fails more often than allowed,
/// all traffic goes back to the old one. Throws Error(settings) if the router cannot weigh, or nothing is live yet.
SwitchResult shift_traffic(Services& services, Store& store, const SwitchRequest& request, const Stages& stages,
                           const std::function<void(const std::string&)>& tell);

} // namespace teal
