/// @file
/// Shift: live traffic moved to the other color step by step.
///
/// Invariant: the traffic lock is held for each step alone, so whoever must can call the shift off: a switch, a
/// rollback, or a deployment that takes traffic. What became of it is in the app's folder (ShiftRecord), so that one
/// whose command was killed is undone by the next runner, command or `recover`.
#pragma once

#include "traffic/switch.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct Stages {
  std::vector<unsigned> percent;       ///< of live traffic for the new color, rising; the last is 100
  Milliseconds every{30'000};          ///< how long each but the last is watched
  std::optional<double> max_errors;    ///< in percent of the new color's requests in a stage; more: back to the old one
  std::function<bool()> is_called_off; ///< asked twice a second; true: back to the old one
};

/// As switch_traffic(), stage by stage; `tell` gets a line for each. If the new color fails more often than allowed,
/// all traffic goes back to the old one. Throws Error(settings) if the router cannot weigh, Error(busy) if another is
/// under way.
SwitchResult shift_traffic(Services& services, Store& store, const SwitchRequest& request, const Stages& stages,
                           const std::function<void(const std::string&)>& tell);

} // namespace teal
