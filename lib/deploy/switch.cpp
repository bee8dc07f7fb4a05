#include "deploy/switch.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "deploy/address.hpp"
#include "deploy/plan.hpp"
#include "deploy/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace teal {

namespace {

constexpr Milliseconds k_watch_pause{500}; ///< between two looks at the router's counts
constexpr unsigned k_all = 100;

std::string stays(const std::optional<Color>& live) {
  return live ? fmt::format("; live traffic stays on {}", to_string(*live)) : std::string("; nothing is live");
}

/// What a switch is about, made under the app's traffic lock.
struct Move {
  LiveTraffic& traffic;
  AppSettings settings; ///< of now
  Placement placement;
  Color to;
};

const engine::Container& require_container(const Move& move) {
  const auto found = move.placement.serving.find(move.to);
  if (found == move.placement.serving.end() || !found->second.running) {
    throw Error(ErrorKind::environment,
                fmt::format("nothing runs on {}: push to it first{}", to_string(move.to), stays(move.placement.live)));
  }
  return found->second;
}

void require_healthy(Services& services, Store& store, const std::string& app, const Move& move) {
  const Probe probe = probe_container(services, store, app, require_container(move));
  if (!probe.healthy) {
    throw Error(ErrorKind::environment, fmt::format("{} is not healthy: {}{}; --force switches nevertheless",
                                                    to_string(move.to), probe.answer, stays(move.placement.live)));
  }
}

Move prepare(Services& services, Store& store, LiveTraffic& traffic, const SwitchRequest& request) {
  Move move{traffic, load_app_settings(services.home, request.app), traffic.placement(), Color::blue};
  const auto live = move.placement.live;
  move.to = request.color.value_or(live ? other(*live) : traffic.idle());
  static_cast<void>(require_container(move));
  if (!request.force) {
    require_healthy(services, store, request.app, move);
  }
  return move;
}

SwitchResult finish(const Services& services, Move& move, const std::string& who) {
  const std::optional<Color> from = move.placement.live;
  const engine::Container& container = move.placement.serving.at(move.to);
  move.placement.live = move.to;
  move.placement.shares.clear();
  move.traffic.route(move.settings, move.placement);
  if (from != move.to) {
    move.traffic.note_live(move.to, container, who);
  }
  return {.from = from,
          .to = move.to,
          .commit = label_of(container, label::k_commit),
          .address = live_address(services.settings.router, move.settings),
          .went_back = {}};
}

void require_a_router(const Services& services) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml, "
                "then: tealhook router up");
  }
}

route::Traffic counts_of(Services& services, const std::string& app, const std::string& container) {
  for (const route::Traffic& traffic : services.router->traffic(app)) {
    if (traffic.container == container && traffic.route == app + "-live") {
      return traffic;
    }
  }
  return {};
}

/// Watches a stage until its time is up. Returns why it failed, or nothing.
std::string watch(Services& services, const std::string& app, const engine::Container& container,
                  const Stages& stages) {
  const Stopwatch stopwatch;
  const route::Traffic before = counts_of(services, app, container.id);
  while (stopwatch.elapsed() < stages.every) {
    std::this_thread::sleep_for(std::min(k_watch_pause, stages.every - stopwatch.elapsed()));
    if (stages.is_called_off()) {
      return "it was called off";
    }
    require_router(services);
    const route::Traffic now = counts_of(services, app, container.id);
    const double requests = static_cast<double>(now.requests - before.requests);
    const double errors = static_cast<double>(now.errors - before.errors);
    if (stages.max_errors && requests > 0 && errors * k_all / requests > *stages.max_errors) {
      return fmt::format("{} of {} requests to the new color failed, which is more than {}%", errors, requests,
                         *stages.max_errors);
    }
  }
  return "";
}

/// Returns why a stage failed, or nothing. The last one, all of it, is left to finish().
std::string go_through(const Stages& stages, Services& services, const std::string& app, Move& move,
                       const std::function<void(const std::string&)>& tell) {
  const engine::Container& container = move.placement.serving.at(move.to);
  for (const unsigned percent : stages.percent) {
    if (percent >= k_all) {
      break;
    }
    move.placement.shares = {{*move.placement.live, k_all - percent}, {move.to, percent}};
    move.traffic.route(move.settings, move.placement);
    tell(fmt::format("{}% of live traffic goes to {}", percent, to_string(move.to)));
    if (std::string why = watch(services, app, container, stages); !why.empty()) {
      return why;
    }
  }
  return "";
}

/// Returns the end of a sentence that tells what went wrong before.
std::string go_back(LiveTraffic& traffic, const std::vector<route::Route>& routes, Color to) {
  try {
    traffic.put_back(routes);
    return fmt::format("; live traffic goes back to {}", to_string(to));
  } catch (const Error& error) {
    return fmt::format("; going back to {} failed, too: {}; later: tealhook recover", to_string(to), error.message());
  }
}

} // namespace

Probe probe_container(Services& services, Store& store, const std::string& app, const engine::Container& container) {
  const AppSettings now = load_app_settings(services.home, app);
  const auto kept = store.history.release_settings(number_in_label(container, label::k_release));
  const HealthSettings settings = kept ? plan_for_release(services.home, app, *kept).settings.health : now.health;
  return HealthCheck(services.engine, settings)
      .look({.container = container.id,
             .network = network_name(app),
             .container_port = port_of(container, now),
             .published_address = local_address(now.bind),
             .published_port = container.ports.empty() ? std::uint16_t{0} : container.ports.front().host_port});
}

SwitchResult switch_traffic(Services& services, Store& store, const SwitchRequest& request) {
  require_a_router(services);
  require_router(services);
  LiveTraffic traffic(services, store, request.app);
  const FileLock lock = traffic.lock();
  Move move = prepare(services, store, traffic, request);
  return finish(services, move, request.who);
}

SwitchResult shift_traffic(Services& services, Store& store, const SwitchRequest& request, const Stages& stages,
                           const std::function<void(const std::string&)>& tell) {
  require_a_router(services);
  require_router(services);
  if (!services.router->can_weigh()) {
    throw Error(ErrorKind::settings,
                "this router cannot give a part of the traffic to a color: switch at once, without "
                "--to, or set router.kind to haproxy or nginx");
  }
  LiveTraffic traffic(services, store, request.app);
  const FileLock lock = traffic.lock();
  Move move = prepare(services, store, traffic, request);
  if (!move.placement.live || move.placement.live == move.to) {
    return finish(services, move, request.who);
  }
  const Color from = *move.placement.live;
  const auto routes_before = traffic.routes();
  std::string why;
  try {
    why = go_through(stages, services, request.app, move, tell);
    if (why.empty()) {
      return finish(services, move, request.who);
    }
  } catch (const Error& error) {
    throw Error(error.kind(), error.message() + go_back(traffic, routes_before, from));
  }
  while_doing(fmt::format("going back to {}, since {}", to_string(from), why),
              [&] { traffic.put_back(routes_before); });
  return {.from = from,
          .to = from,
          .commit = label_of(move.placement.serving.at(from), label::k_commit),
          .address = live_address(services.settings.router, move.settings),
          .went_back = why};
}

} // namespace teal
