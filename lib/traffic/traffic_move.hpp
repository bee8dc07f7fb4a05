/// @file
/// TrafficMove: what a switch at once and one step by step have in common. Inside traffic only.
#pragma once

#include "traffic/live_traffic.hpp"
#include "traffic/switch.hpp"

namespace teal {

/// What a switch is about, made under the app's traffic lock.
struct TrafficMove {
  LiveTraffic& traffic;
  const FileLock& held;
  AppSettings settings; ///< of now
  Placement placement;
  Color to;
};

/// Throws Error(settings) where there is no router. One that does not run is started, and `tell` says so.
void begin_move(Services& services, const std::function<void(const std::string&)>& tell);
/// Throws Error(environment) if nothing runs on the color that traffic is to go to.
const Running& require_running(const TrafficMove& move);
/// Throws as switch_traffic() does.
[[nodiscard]] TrafficMove prepare_move(Services& services, Store& store, LiveTraffic& traffic, const FileLock& held,
                                       const SwitchRequest& request);
/// All live traffic to `move.to`.
SwitchResult finish_move(const Services& services, TrafficMove& move, const std::string& who);
/// Into the app's history, if anything was done.
void note_switch(Store& store, const SwitchRequest& request, const SwitchResult& result);

} // namespace teal
