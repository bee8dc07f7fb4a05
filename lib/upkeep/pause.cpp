#include "upkeep/pause.hpp"

#include "config/load.hpp"
#include "target/release_health.hpp"
#include "traffic/live_traffic.hpp"
#include "upkeep/app_lock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

void note(Store& store, const Slot& slot, const char* verb, const Running& running, const Principal& by) {
  store.actions.add({.app = slot.app,
                     .verb = verb,
                     .who = by.text(),
                     .at = {},
                     .text = fmt::format("{} ({})", to_string(slot.color), short_commit(running.commit)),
                     .origin = by.origin});
}

/// Nobody is sent there any more, and who was has an answer.
void take_from_router(Services& services, Store& store, const Slot& slot, const Running& running,
                      const AppSettings& settings, const Principal& by) {
  if (!services.router) {
    return;
  }
  LiveTraffic traffic(services, store, slot.app);
  {
    const FileLock held = traffic.lock();
    static_cast<void>(traffic.take_back_shift(held, by.text()));
    Placement placement = traffic.placement();
    placement.serving.erase(slot.color);
    traffic.route(held, settings, placement);
  }
  const Stopwatch stopwatch;
  for (const Running& one : each_of(running)) {
    static_cast<void>(traffic.drain(one.id, std::max(settings.deploy.drain - stopwatch.elapsed(), Milliseconds(0))));
  }
}

} // namespace

bool stop_color(Services& services, Store& store, const Slot& slot, const Principal& by) {
  const FileLock lock = acquire_app_lock(services.home.app(slot.app), store.queue, slot.app);
  Target& target = services.target(slot.app);
  const auto current = target.current(slot);
  if (!current || !current->runs) {
    return false;
  }
  const AppSettings settings = load_app_settings(services.home, slot.app);
  take_from_router(services, store, slot, *current, settings, by);
  target.stop(slot, settings.deploy.stop_timeout);
  note(store, slot, "stop", *current, by);
  return true;
}

bool start_color(Services& services, Store& store, const Slot& slot, const Principal& by) {
  const FileLock lock = acquire_app_lock(services.home.app(slot.app), store.queue, slot.app);
  Target& target = services.target(slot.app);
  const auto stopped = target.current(slot);
  if (!stopped) {
    throw Error(ErrorKind::usage, fmt::format("nothing was deployed to {} of '{}'", to_string(slot.color), slot.app));
  }
  if (stopped->runs) {
    return false;
  }
  target.start(slot);
  const Running running = target.current(slot).value_or(*stopped);
  const HealthSettings health = health_of_release(services.home, store.history, slot.app, running.release);
  for (const Running& one : each_of(running)) {
    target.prove(one, health);
  }
  if (services.router) {
    LiveTraffic traffic(services, store, slot.app);
    const FileLock held = traffic.lock();
    traffic.route(held, load_app_settings(services.home, slot.app), traffic.placement());
  }
  note(store, slot, "start", running, by);
  return true;
}

} // namespace teal
