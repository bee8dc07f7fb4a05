#include "traffic/shift.hpp"

#include "config/load.hpp"
#include "route/router_factory.hpp"
#include "target/address.hpp"
#include "traffic/router_start.hpp"
#include "traffic/traffic_move.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

namespace teal {

namespace {

constexpr Milliseconds k_watch_pause{500};              ///< between two looks at the router's counts
constexpr std::chrono::seconds k_patience_for_other(5); ///< one that was called off looks at that twice a second
constexpr unsigned k_all = 100;

/// Of all these together.
route::Traffic counts_of(Services& services, const std::string& app, const std::set<std::string>& containers) {
  route::Traffic sum;
  for (const route::Traffic& traffic : services.router->traffic(app)) {
    if (containers.contains(traffic.container) && traffic.route == app + "-live") {
      sum.requests += traffic.requests;
      sum.errors += traffic.errors;
    }
  }
  return sum;
}

std::set<std::string> ids_of(const Running& running) {
  std::set<std::string> ids;
  for (const Running& one : each_of(running)) {
    ids.insert(one.id);
  }
  return ids;
}

/// A switch step by step, by the one who holds its lock. The traffic lock is held for each change only, so that others
/// can call it off.
class Shift {
public:
  Shift(Services& services, Store& store, const SwitchRequest& request, const Stages& stages,
        const std::function<void(const std::string&)>& tell)
      : m_services(services), m_store(store), m_request(request), m_stages(stages), m_tell(tell),
        m_traffic(services, store, request.app), m_folder(services.home.app(request.app)), m_lock(take()) {}

  SwitchResult run() {
    if (auto done = begin()) {
      return *done;
    }
    std::string why;
    try {
      why = go_through();
      if (why.empty()) {
        if (auto done = finish()) {
          return *done;
        }
      }
    } catch (const Error& error) {
      throw Error(error.kind(), error.message() + try_going_back());
    }
    return while_doing(fmt::format("going back to {}, since {}", to_string(m_record.from), why),
                       [&] { return go_back(why); });
  }

private:
  FileLock take() {
    if (auto lock = FileLock::acquire_any({m_folder.shift_lock()}, k_patience_for_other)) {
      return std::move(*lock);
    }
    const auto other = read_shift(m_folder);
    throw Error(ErrorKind::busy, fmt::format("{} is under way; call it off: tealhook switch {} {}",
                                             other ? describe(*other) : std::string("another switch"), m_request.app,
                                             to_string(other ? other->from : Color::blue)));
  }

  /// Returns the result where there is nothing to go through.
  std::optional<SwitchResult> begin() {
    const FileLock held = m_traffic.lock();
    forget_shift(m_folder);
    TrafficMove move = prepare_move(m_services, m_store, m_traffic, held, m_request);
    if (!move.placement.live || move.placement.live == move.to) {
      return finish_move(m_services, move, m_request.who);
    }
    m_traffic.follow_router(m_request.who);
    m_record = {.who = m_request.who, .from = *move.placement.live, .to = move.to};
    m_request.color = move.to;
    m_request.force = true; // it was looked at; from now on the counts tell
    write_shift(m_folder, m_record);
    return std::nullopt;
  }

  /// Whoever called it off has said where traffic goes.
  [[nodiscard]] bool was_called_off() const {
    const auto record = read_shift(m_folder);
    return !record || !record->called_off_by.empty();
  }

  /// Returns why a stage failed, or nothing. The last one, all of it, is left to finish().
  std::string go_through() {
    for (const unsigned percent : m_stages.percent) {
      if (percent >= k_all) {
        break;
      }
      if (!move_to(percent)) {
        return "";
      }
      m_tell(fmt::format("{}% of live traffic goes to {}", percent, to_string(m_record.to)));
      if (std::string why = watch(); !why.empty()) {
        return why;
      }
    }
    return "";
  }

  bool move_to(unsigned percent) {
    const FileLock held = m_traffic.lock();
    if (was_called_off()) {
      return false;
    }
    TrafficMove move = prepare_move(m_services, m_store, m_traffic, held, m_request);
    m_record.percent = percent;
    write_shift(m_folder, m_record);
    move.placement.live = m_record.from;
    move.placement.shares = {{m_record.from, k_all - percent}, {m_record.to, percent}};
    m_containers = ids_of(require_running(move));
    m_traffic.route(held, move.settings, move.placement);
    return true;
  }

  /// Watches a stage until its time is up and the router has answered, or somebody called it off. Returns why it
  /// failed, or nothing.
  std::string watch() {
    const Stopwatch stopwatch;
    route::Traffic before = counts_of(m_services, m_request.app, m_containers);
    bool answered = true;
    while ((stopwatch.elapsed() < m_stages.every || !answered) && !was_called_off()) {
      const Milliseconds left = m_stages.every - stopwatch.elapsed();
      std::this_thread::sleep_for(answered ? std::min(k_watch_pause, left) : k_watch_pause);
      if (m_stages.is_called_off()) {
        return "it was called off";
      }
      if (!ensure_router(m_services).empty()) {
        before = {}; // it counts anew
      }
      const auto now = look(answered);
      answered = now.has_value();
      if (!now) {
        continue;
      }
      if (now->requests < before.requests) { // somebody else started it
        before = {};
      }
      const double requests = static_cast<double>(now->requests - before.requests);
      const double errors = static_cast<double>(now->errors - std::min(before.errors, now->errors));
      if (m_stages.max_errors && requests > 0 && errors * k_all / requests > *m_stages.max_errors) {
        return fmt::format("{} of {} requests to the new color failed, which is more than {}%", errors, requests,
                           *m_stages.max_errors);
      }
    }
    return "";
  }

  /// Nothing if the router does not answer this once: it may just have ended, and before the next look it is started,
  /// or told by whom it was taken down.
  [[nodiscard]] std::optional<route::Traffic> look(bool had_answered) const {
    try {
      return counts_of(m_services, m_request.app, m_containers);
    } catch (const Error&) {
      if (!had_answered) {
        throw;
      }
      return std::nullopt;
    }
  }

  /// Nothing if it was called off.
  std::optional<SwitchResult> finish() {
    const FileLock held = m_traffic.lock();
    if (was_called_off()) {
      return std::nullopt;
    }
    TrafficMove move = prepare_move(m_services, m_store, m_traffic, held, m_request);
    move.placement.live = m_record.from;
    SwitchResult result = finish_move(m_services, move, m_request.who);
    forget_shift(m_folder);
    return result;
  }

  SwitchResult go_back(std::string why) {
    const FileLock held = m_traffic.lock();
    const auto record = read_shift(m_folder);
    if (!was_called_off()) {
      route_back(held);
    } else {
      why = record ? fmt::format("it was called off by {}", record->called_off_by) : "it was called off";
      forget_shift(m_folder);
    }
    const Color live = m_traffic.live().value_or(m_record.from);
    const auto current = m_services.target(m_request.app).current(m_services.slot(m_request.app, live));
    return {.from = m_record.from,
            .to = live,
            .commit = current ? current->commit : "",
            .address = live_address(m_services.settings.router, load_app_settings(m_services.home, m_request.app)),
            .went_back = why,
            .called_off = {}};
  }

  /// Also where somebody took the router down: it will start so. The record goes last: as long as traffic is shared, it
  /// says so.
  void route_back(const FileLock& held) {
    auto routes = m_traffic.routes();
    for (route::Route& route : routes) {
      if (route.door == "live") {
        std::erase_if(route.servers,
                      [&](const route::Server& server) { return m_containers.contains(server.container); });
        for (route::Server& server : route.servers) {
          server.weight = k_all;
        }
      }
    }
    m_traffic.put_back(held, std::move(routes));
    forget_shift(m_folder);
  }

  /// Returns the end of a sentence that tells what went wrong before.
  std::string try_going_back() {
    try {
      const Color live = go_back("").to;
      return fmt::format("; live traffic goes back to {}", to_string(live));
    } catch (const Error& error) {
      return fmt::format("; going back to {} failed, too: {}; later: tealhook recover", to_string(m_record.from),
                         error.message());
    }
  }

  Services& m_services;
  Store& m_store;
  SwitchRequest m_request;
  const Stages& m_stages;
  const std::function<void(const std::string&)>& m_tell;
  LiveTraffic m_traffic;
  AppFolder m_folder;
  FileLock m_lock;
  ShiftRecord m_record;
  std::set<std::string> m_containers; ///< that come to get traffic
};

} // namespace

SwitchResult shift_traffic(Services& services, Store& store, const SwitchRequest& request, const Stages& stages,
                           const std::function<void(const std::string&)>& tell) {
  begin_move(services, tell);
  if (!route::describe_router(services.settings.router.kind).can_weigh) {
    throw Error(ErrorKind::settings, fmt::format("this router cannot give a part of the traffic to a color: switch at "
                                                 "once, without --to, or set router.kind to {}",
                                                 route::routers_with(&route::RouterDescription::can_weigh)));
  }
  LiveTraffic(services, store, request.app).end_abandoned_shift(request.who);
  SwitchResult result = Shift(services, store, request, stages, tell).run();
  note_switch(store, request, result);
  return result;
}

} // namespace teal
