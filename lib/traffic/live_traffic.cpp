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
    for (const route::Route& route : route::routes_of(routed_now(services), app)) {
      for (const route::Server& server : route.servers) {
        if (server.weight > 0) {
          routed.insert(server.container);
        }
      }
    }
  }
  return routed;
}

LiveTraffic::LiveTraffic(Services& services, Store& store, std::string app)
    : m_services(services), m_store(store), m_app(std::move(app)) {}

FileLock LiveTraffic::lock() const {
  if (auto lock = FileLock::acquire_any({m_services.home.app(m_app).traffic_lock()}, k_patience_for_others)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, fmt::format("the traffic of '{}' is being moved by another command", m_app));
}

std::string LiveTraffic::live_container() {
  const auto routes = this->routes();
  const auto route =
      std::find_if(routes.begin(), routes.end(), [](const route::Route& one) { return one.door == "live"; });
  if (route == routes.end()) {
    return "";
  }
  std::vector<std::string> weighted;
  for (const route::Server& server : route->servers) {
    if (server.weight > 0) {
      weighted.push_back(server.container);
    }
  }
  return weighted.size() == 1 ? weighted.front() : "";
}

std::optional<Color> LiveTraffic::live() {
  if (!m_services.router) {
    return std::nullopt;
  }
  if (const std::string id = live_container(); !id.empty()) {
    const auto container = m_services.docker.containers().inspect(id);
    const auto color = container ? parse_color(label_of(*container, label::k_color)) : std::nullopt;
    if (color && label_of(*container, label::k_app) == m_app) {
      return color;
    }
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
  const std::string live_id = m_services.router ? live_container() : "";
  for (const Color color : k_colors) {
    if (auto current = m_services.docker.find_current(m_services.slot(m_app, color))) {
      if (current->id == live_id) {
        placement.live = color;
      }
      placement.serving.emplace(color, std::move(*current));
    }
  }
  if (!placement.live) {
    placement.live = live();
  }
  if (const auto shift = shift_under_way(m_services.home.app(m_app)); shift && shift->percent > 0) {
    placement.live = shift->from;
    placement.shares = {{shift->from, 100 - shift->percent}, {shift->to, shift->percent}};
  }
  return placement;
}

std::optional<ShiftRecord> LiveTraffic::call_off_shift(const std::string& who) {
  const AppFolder folder = m_services.home.app(m_app);
  auto shift = shift_under_way(folder);
  if (shift) {
    shift->called_off_by = who;
    write_shift(folder, *shift);
  }
  return shift;
}

std::optional<ShiftRecord> LiveTraffic::take_back_shift(const std::string& who) {
  auto shift = call_off_shift(who);
  if (shift) {
    route(load_app_settings(m_services.home, m_app), placement());
  }
  return shift;
}

/// The router says whether it came to its end: where several get live traffic, the store says where all of it was.
std::optional<ShiftRecord> LiveTraffic::end_abandoned_shift(const std::string& who) {
  const AppFolder folder = m_services.home.app(m_app);
  if (!m_services.router || !read_shift(folder)) {
    return std::nullopt;
  }
  const auto at_it = FileLock::try_acquire(folder.shift_lock());
  if (!at_it) {
    return std::nullopt;
  }
  const FileLock held = lock();
  auto shift = read_shift(folder);
  Placement placement = this->placement();
  placement.shares.clear();
  route(load_app_settings(m_services.home, m_app), placement);
  follow_router(who);
  forget_shift(folder);
  return shift;
}

void LiveTraffic::route(const AppSettings& settings, const Placement& placement) {
  ensure_router(m_services);
  const auto tls = tls_for(settings.route, m_services.settings.router.kind);
  m_services.router->replace(m_app, routes_for(m_app, settings, tls, placement));
}

std::vector<route::Route> LiveTraffic::routes() {
  return route::routes_of(routed_now(m_services), m_app);
}

void LiveTraffic::put_back(std::vector<route::Route> routes) {
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

void LiveTraffic::note_live(Color color, const engine::Container& container, const std::string& who) {
  m_store.traffic.move({.app = m_app,
                        .color = color,
                        .release = number_in_label(container, label::k_release),
                        .deployment = number_in_label(container, label::k_deployment),
                        .commit = label_of(container, label::k_commit),
                        .who = who,
                        .at = {}});
}

bool LiveTraffic::follow_router(const std::string& who) {
  const std::string id = m_services.router ? live_container() : "";
  const auto container = id.empty() ? std::nullopt : m_services.docker.containers().inspect(id);
  const auto color = container ? parse_color(label_of(*container, label::k_color)) : std::nullopt;
  if (!color || label_of(*container, label::k_app) != m_app) {
    return false;
  }
  const auto stored = m_store.traffic.live(m_app);
  const bool same =
      stored && stored->color == *color && stored->deployment == number_in_label(*container, label::k_deployment);
  if (!same) {
    note_live(*color, *container, who);
  }
  return !same;
}

std::uint64_t LiveTraffic::in_flight(const std::string& container) {
  ensure_router(m_services);
  std::uint64_t count = 0;
  for (const route::Traffic& traffic : m_services.router->traffic(m_app)) {
    count += container.starts_with(traffic.container) ? traffic.in_flight : 0;
  }
  return count;
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
