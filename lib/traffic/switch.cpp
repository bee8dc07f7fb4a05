#include "traffic/switch.hpp"

#include "config/load.hpp"
#include "model/event.hpp"
#include "target/address.hpp"
#include "target/release_health.hpp"
#include "traffic/router_start.hpp"
#include "traffic/traffic_move.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

std::string stays(const std::optional<Color>& live) {
  return live ? fmt::format("; live traffic stays on {}", to_string(*live)) : std::string("; nothing is live");
}

void require_healthy(Services& services, Store& store, const std::string& app, const TrafficMove& move) {
  const Running& running = require_running(move);
  const HealthSettings health = health_of_release(services.home, store.history, app, running.release);
  for (const Running& one : each_of(running)) {
    const Probe probe = services.target(app).probe(one, health);
    if (!probe.healthy) {
      const std::string which = running.replicas.empty() ? "" : fmt::format(" ('{}')", one.name);
      throw Error(ErrorKind::environment,
                  fmt::format("{}{} is not healthy: {}{}; --force switches nevertheless", to_string(move.to), which,
                              probe.answer, stays(move.placement.live)));
    }
  }
}

/// Which color is idle cannot be meant while both get live traffic.
void require_color(const Services& services, const SwitchRequest& request) {
  const auto shift = shift_under_way(services.home.app(request.app));
  if (shift && !request.color) {
    throw Error(ErrorKind::usage,
                fmt::format("{} is under way: say where to, tealhook switch {} {} or {}", describe(*shift), request.app,
                            to_string(shift->from), to_string(shift->to)));
  }
}

} // namespace

void begin_move(Services& services, const std::function<void(const std::string&)>& tell) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml, "
                "then: tealhook router up");
  }
  if (const std::string done = ensure_router(services); !done.empty()) {
    tell(done);
  }
}

const Running& require_running(const TrafficMove& move) {
  const auto found = move.placement.serving.find(move.to);
  if (found == move.placement.serving.end()) {
    throw Error(ErrorKind::usage,
                fmt::format("nothing runs on {}: push to it first{}", to_string(move.to), stays(move.placement.live)));
  }
  if (!found->second.runs) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' is {}: push to {} again{}", found->second.name, found->second.state,
                            to_string(move.to), stays(move.placement.live)));
  }
  return found->second;
}

TrafficMove prepare_move(Services& services, Store& store, LiveTraffic& traffic, const FileLock& held,
                         const SwitchRequest& request) {
  TrafficMove move{traffic, held, load_app_settings(services.home, request.app), traffic.placement(), Color::blue};
  const auto live = move.placement.live;
  move.to = request.color.value_or(live ? other(*live) : traffic.idle());
  static_cast<void>(require_running(move));
  if (!request.force) {
    require_healthy(services, store, request.app, move);
  }
  return move;
}

SwitchResult finish_move(const Services& services, TrafficMove& move, const std::string& who) {
  const std::optional<Color> from = move.placement.live;
  const Running& running = move.placement.serving.at(move.to);
  move.placement.live = move.to;
  move.placement.shares.clear();
  move.traffic.route(move.held, move.settings, move.placement);
  if (from != move.to) {
    move.traffic.note_live(move.to, running, who);
  }
  return {.from = from,
          .to = move.to,
          .commit = running.commit,
          .address = live_address(services.settings.router, move.settings),
          .went_back = {},
          .called_off = {}};
}

void note_switch(Store& store, const SwitchRequest& request, const SwitchResult& result) {
  const std::string to = fmt::format("{} ({})", to_string(result.to), short_commit(result.commit));
  std::string text = result.called_off.empty() ? "" : result.called_off + ", is called off; ";
  if (!result.went_back.empty()) {
    text += fmt::format("live traffic went back to {}: {}", to, result.went_back);
  } else if (result.from != result.to) {
    text +=
        fmt::format("live traffic {}to {}", result.from ? fmt::format("from {} ", to_string(*result.from)) : "", to);
  } else if (!text.empty()) {
    text += fmt::format("all live traffic is back on {}", to);
  } else {
    return;
  }
  store.actions.add(
      {.app = request.app, .verb = request.verb, .who = request.who, .at = {}, .text = text, .origin = request.origin});
}

SwitchResult switch_traffic(Services& services, Store& store, const SwitchRequest& request,
                            const std::function<void(const std::string&)>& tell) {
  begin_move(services, tell);
  LiveTraffic traffic(services, store, request.app);
  traffic.end_abandoned_shift(request.who);
  const FileLock lock = traffic.lock();
  require_color(services, request);
  TrafficMove move = prepare_move(services, store, traffic, lock, request);
  const auto called_off = traffic.call_off_shift(lock, request.who);
  SwitchResult result = finish_move(services, move, request.who);
  result.called_off = called_off ? describe(*called_off) : "";
  note_switch(store, request, result);
  return result;
}

} // namespace teal
