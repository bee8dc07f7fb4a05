#include "traffic/retirement.hpp"

#include "config/load.hpp"
#include "traffic/live_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <set>
#include <vector>

namespace teal {

namespace {

/// It, or one of its replicas.
bool gets_any(const Running& running, const std::set<std::string>& routed) {
  const auto each = each_of(running);
  return std::any_of(each.begin(), each.end(), [&](const Running& one) { return routed.contains(one.id); });
}

/// A switch that was cut short may have left the router with both: it is told anew where its colors are.
void unroute(Services& services, LiveTraffic& traffic, const std::string& app, const Retired& retired) {
  const auto routed = routed_containers(services, app);
  if (std::any_of(retired.begin(), retired.end(), [&](const auto& one) { return gets_any(one, routed); })) {
    const FileLock lock = traffic.lock();
    traffic.route(lock, load_app_settings(services.home, app), traffic.placement());
  }
}

} // namespace

DeploySettings way_down_of(Services& services, const std::string& app) {
  try {
    return load_app_settings(services.home, app).deploy;
  } catch (const Error&) {
    return {};
  }
}

std::uint64_t drain_retired(Services& services, Store& store, const std::string& app, const Retired& retired,
                            Milliseconds patience) {
  LiveTraffic traffic(services, store, app);
  unroute(services, traffic, app, retired);
  const Stopwatch stopwatch;
  std::uint64_t left = 0;
  for (const Running& running : retired) {
    for (const Running& one : each_of(running)) {
      left += traffic.drain(one.id, std::max(patience - stopwatch.elapsed(), Milliseconds(0)));
    }
  }
  return left;
}

void end_retired(Services& services, const std::string& app, const Retired& retired, Milliseconds stop_timeout) {
  const auto routed = routed_containers(services, app);
  Target& target = services.target(app);
  std::string still_routed;
  std::vector<std::future<void>> ends; // side by side: each may take its time
  for (const Running& running : retired) {
    if (gets_any(running, routed)) {
      still_routed = running.name;
    } else {
      ends.push_back(std::async(std::launch::async, [&] { target.end(running, stop_timeout); }));
    }
  }
  for (const auto& end : ends) {
    end.wait();
  }
  for (auto& end : ends) {
    end.get();
  }
  if (!still_routed.empty()) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' is not stopped: it still gets requests; see: tealhook router status", still_routed));
  }
}

bool retire_all(Services& services, Store& store, const Slot& any) {
  const Retired retired = services.target(any.app).retired(any);
  if (retired.empty()) {
    return false;
  }
  const DeploySettings settings = way_down_of(services, any.app);
  if (services.router && services.router->is_running()) {
    drain_retired(services, store, any.app, retired, settings.drain);
  }
  end_retired(services, any.app, retired, settings.stop_timeout);
  return true;
}

} // namespace teal
