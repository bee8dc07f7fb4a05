#include "traffic/live_traffic.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "traffic/certificate.hpp"
#include "traffic/router_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace teal {

namespace {

constexpr Milliseconds k_patience_for_others{
    10'000};                              ///< a move takes milliseconds; the first one behind a router, more
constexpr Milliseconds k_drain_pause{20}; ///< routers tell counts, not ends

} // namespace

std::set<std::string> routed_containers(Services& services, std::string_view app) {
  std::set<std::string> routed;
  if (services.router) {
    for (const route::Route& route : routed_now(services, app)) {
      for (const route::Server& server : route.servers) {
        if (server.weight > 0) {
          routed.insert(server.container);
        }
      }
    }
  }
  return routed;
}

std::vector<std::string> live_ids_of(const std::vector<route::Route>& routes) {
  std::vector<std::string> ids;
  const auto route =
      std::find_if(routes.begin(), routes.end(), [](const route::Route& one) { return one.door == "live"; });
  for (const route::Server& server : route == routes.end() ? std::vector<route::Server>() : route->servers) {
    if (server.weight > 0) {
      ids.push_back(server.container);
    }
  }
  return ids;
}

LiveTraffic::LiveTraffic(Services& services, Store& store, std::string app)
    : m_services(services), m_store(store), m_app(std::move(app)) {}

FileLock LiveTraffic::lock() const {
  if (auto lock = FileLock::acquire_any({m_services.home.app(m_app).traffic_lock()}, k_patience_for_others)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, fmt::format("the traffic of '{}' is being moved by another command", m_app));
}

/// One that is gone tells nothing of the others.
std::optional<Running> LiveTraffic::find_live() {
  std::optional<Running> live;
  for (const std::string& id : live_ids_of(routes())) {
    auto running = m_services.target(m_app).find(id);
    if (!running || !running->color || running->app != m_app) {
      continue;
    }
    if (live && (live->color != running->color || live->deployment != running->deployment)) {
      return std::nullopt;
    }
    if (!live) {
      live = std::move(running);
    }
  }
  return live;
}

std::optional<Color> LiveTraffic::live() {
  if (!m_services.router) {
    return std::nullopt;
  }
  if (const auto running = find_live()) {
    return running->color;
  }
  const auto stored = m_store.traffic.live(m_app);
  return stored ? std::optional(stored->color) : std::nullopt;
}

Color LiveTraffic::idle() {
  if (const auto color = live()) {
    return other(*color);
  }
  const auto blue = m_store.history.current(m_app, Color::blue);
  const auto green = m_store.history.current(m_app, Color::green);
  return blue && (!green || green->id < blue->id) ? Color::green : Color::blue;
}

std::string LiveTraffic::describe() {
  if (!m_services.router) {
    return "";
  }
  const auto color = live();
  return color ? fmt::format("live traffic stays on {}", to_string(*color)) : "nothing is live yet";
}

Placement LiveTraffic::placement() {
  Placement placement;
  const auto live = m_services.router ? live_ids_of(routes()) : std::vector<std::string>();
  const auto is_live = [&](const Running& running) {
    return std::find(live.begin(), live.end(), running.id) != live.end();
  };
  std::set<Color> getting;
  for (const Color color : k_colors) {
    if (auto current = m_services.target(m_app).current(m_services.slot(m_app, color))) {
      const auto each = each_of(*current);
      if (std::any_of(each.begin(), each.end(), is_live)) {
        getting.insert(color);
      }
      placement.serving.emplace(color, std::move(*current));
    }
  }
  if (getting.size() == 1) {
    placement.live = *getting.begin();
  }
  if (!placement.live) {
    placement.live = this->live();
  }
  if (const auto shift = shift_under_way(m_services.home.app(m_app)); shift && shift->percent > 0) {
    placement.live = shift->from;
    placement.shares = {{shift->from, 100 - shift->percent}, {shift->to, shift->percent}};
  }
  return placement;
}

std::optional<ShiftRecord> LiveTraffic::call_off_shift(const FileLock& /*held*/, const std::string& who) {
  const AppFolder folder = m_services.home.app(m_app);
  auto shift = shift_under_way(folder);
  if (shift) {
    shift->called_off_by = who;
    write_shift(folder, *shift);
  }
  return shift;
}

std::optional<ShiftRecord> LiveTraffic::take_back_shift(const FileLock& held, const std::string& who) {
  auto shift = call_off_shift(held, who);
  if (shift) {
    route(held, load_app_settings(m_services.home, m_app), placement());
  }
  return shift;
}

/// The router says whether it came to its end: where several get live traffic, the store says where all of it was.
std::optional<ShiftRecord> LiveTraffic::end_abandoned_shift(const std::string& who) {
  const AppFolder folder = m_services.home.app(m_app);
  const auto is_abandoned = [&] { return read_shift(folder) && !FileLock::is_held(folder.shift_lock()); };
  if (!m_services.router || !is_abandoned()) {
    return std::nullopt;
  }
  const FileLock held = lock(); // whoever begins one waits for it with its own in hand
  if (!is_abandoned()) {
    return std::nullopt;
  }
  auto shift = read_shift(folder);
  route(held, load_app_settings(m_services.home, m_app), placement());
  follow_router(who);
  forget_shift(folder);
  return shift;
}

void LiveTraffic::route(const FileLock& /*held*/, const AppSettings& settings, const Placement& placement) {
  ensure_router(m_services);
  const auto tls = tls_for(settings.route, m_services.settings.router.kind);
  m_services.router->replace(m_app, routes_for(m_app, settings, tls, placement));
}

std::vector<route::Route> LiveTraffic::routes() {
  return routed_now(m_services, m_app);
}

void LiveTraffic::put_back(const FileLock& /*held*/, std::vector<route::Route> routes) {
  const auto present = this->routes();
  for (route::Route& route : routes) {
    const auto same =
        std::find_if(present.begin(), present.end(), [&](const route::Route& one) { return one.door == route.door; });
    if (route.tls && same != present.end() && same->tls) {
      route.tls = same->tls;
    }
  }
  m_services.router->replace(m_app, routes);
  if (router_taken_down_by(m_services).empty()) {
    ensure_router(m_services);
  }
}

void LiveTraffic::note_live(Color color, const Running& running, const std::string& who) {
  m_store.traffic.move({.app = m_app,
                        .color = color,
                        .release = running.release,
                        .deployment = running.deployment,
                        .commit = running.commit,
                        .who = who,
                        .at = {}});
}

bool LiveTraffic::follow_router(const std::string& who) {
  const auto running = m_services.router ? find_live() : std::nullopt;
  if (!running) {
    return false;
  }
  const auto stored = m_store.traffic.live(m_app);
  const bool same = stored && stored->color == running->color && stored->deployment == running->deployment;
  if (!same) {
    note_live(*running->color, *running, who);
  }
  return !same;
}

std::uint64_t LiveTraffic::in_flight(const std::string& container) {
  ensure_router(m_services);
  return m_services.router->in_flight(m_app, container);
}

std::uint64_t LiveTraffic::drain(const std::string& container, Milliseconds patience) {
  const Stopwatch stopwatch;
  std::uint64_t left = in_flight(container);
  while (left > 0 && stopwatch.elapsed() < patience) {
    std::this_thread::sleep_for(k_drain_pause);
    left = in_flight(container);
  }
  return left;
}

} // namespace teal
