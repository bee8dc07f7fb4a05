#include "deploy/scale.hpp"

#include "config/edit.hpp"
#include "config/load.hpp"
#include "deploy/restart.hpp"
#include "upkeep/settings_change.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr const char* k_key = "run.replicas";
constexpr std::chrono::seconds k_patience(10);

std::string with_replicas(const SettingsText& settings, int replicas) {
  return edit_settings(settings, k_key, std::to_string(replicas));
}

void require_router(const Services& services) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                "there is no router that could share requests among replicas: tealhook setup --router haproxy, then: "
                "tealhook router up");
  }
}

void require_possible(const ScaleOrder& order, std::int64_t replicas) {
  if (replicas < 1) {
    throw Error(ErrorKind::usage,
                fmt::format("the last replica of '{0}' stays; to stop it: tealhook stop {0}", order.app));
  }
  if (replicas > k_most_replicas) {
    throw Error(
        ErrorKind::usage,
        fmt::format("'{}' can have {} replicas at most: its network has 30 addresses for them, which are those of "
                    "two colors and of a successor",
                    order.app, k_most_replicas));
  }
}

/// What the last one that is under way asks for, or else what app.yml says.
std::int64_t replicas_to_be(const Services& services, const Store& store, const std::string& app) {
  std::int64_t replicas = load_app_settings(services.home, app).run.replicas;
  for (const Deployment& one : store.queue.pending()) { // oldest first
    if (one.event.app == app && one.replicas > 0) {
      replicas = one.replicas;
    }
  }
  return replicas;
}

bool is_under_way(const Store& store, const std::string& app) {
  const auto pending = store.queue.pending();
  return std::any_of(pending.begin(), pending.end(), [&](const Deployment& one) { return one.event.app == app; });
}

/// What has a port of its own would get requests there by itself.
void require_routed(const Running& current, Color color) {
  if (current.published != 0) {
    throw Error(
        ErrorKind::usage,
        fmt::format("'{}' was started without a router and has port {} itself; first: tealhook restart {} --color "
                    "{}",
                    current.name, current.published, current.app, to_string(color)));
  }
}

Request scale_request(Services& services, Store& store, const ScaleOrder& order, Color color, int replicas) {
  Request request = restart_request(services, store, order.app, color);
  request.event.trigger = order.door;
  request.event.ref = fmt::format("{} replica{}", replicas, replicas == 1 ? "" : "s");
  request.is_restart = false;
  request.replicas = replicas;
  return request;
}

FileLock lock_scale(const AppFolder& folder, const std::string& app) {
  if (auto lock = FileLock::acquire_any({folder.scale_lock()}, k_patience)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, fmt::format("somebody else scales '{}'; try again", app));
}

void write_replicas(const Home& home, Store& store, const std::string& app, int replicas, const Principal& by) {
  static_cast<void>(change_settings(
      home, store,
      {.app = app, .edit = [&](const SettingsText& now) { return with_replicas(now, replicas); }, .by = by}));
}

} // namespace

Scaling order_scaling(Services& services, const Workplace& place, const Principal& who, const ScaleOrder& order) {
  require_router(services);
  const FileLock lock =
      lock_scale(services.home.app(order.app), order.app); // who counts on has the number to count from
  const std::int64_t before = replicas_to_be(services, place.store, order.app);
  const std::int64_t wanted = order.replicas != 0 ? order.replicas : before + order.step;
  require_possible(order, wanted);
  Scaling scaling{.replicas = static_cast<int>(wanted)};
  static_cast<void>(with_replicas(app_settings_text(services.home, order.app), scaling.replicas)); // it can be edited
  std::vector<Color> colors = colors_that_run(services, place.store, order.app);
  if (order.color) {
    std::erase_if(colors, [&](Color color) { return color != order.color; });
  }
  if (colors.empty()) {
    write_replicas(services.home, place.store, order.app, scaling.replicas, who);
    scaling.is_for_the_next_one = true;
    return scaling;
  }
  const bool is_busy = is_under_way(place.store, order.app);
  std::vector<Color> differing;
  for (const Color color : colors) {
    const auto current = services.target(order.app).current(services.slot(order.app, color));
    if (!current) {
      continue;
    }
    require_routed(*current, color);
    if (is_busy || before != wanted || current->replicas.size() + 1 != static_cast<std::size_t>(wanted)) {
      differing.push_back(color);
    }
  }
  for (const Color color : differing) {
    scaling.submissions.push_back(
        submit(place, who, scale_request(services, place.store, order, color, scaling.replicas)));
  }
  return scaling;
}

std::vector<Submission> mend_replicas(Services& services, const Workplace& place, const Principal& who,
                                      const std::string& app) {
  std::vector<Submission> submissions;
  const auto wanted = static_cast<std::size_t>(load_app_settings(services.home, app).run.replicas);
  if (!services.router || wanted == 1 || is_under_way(place.store, app)) {
    return submissions;
  }
  for (const Color color : colors_that_run(services, place.store, app)) {
    const auto current = services.target(app).current(services.slot(app, color));
    if (current && current->published == 0 && current->replicas.size() + 1 < wanted) {
      submissions.push_back(
          submit(place, who, scale_request(services, place.store, {.app = app}, color, static_cast<int>(wanted))));
    }
  }
  return submissions;
}

std::string keep_replicas(const Home& home, Store& store, const Deployment& deployment) {
  try {
    write_replicas(home, store, deployment.event.app, deployment.replicas,
                   {.kind = Principal::Kind::local_user,
                    .name = deployment.event.who,
                    .grants = {},
                    .origin = {.door = deployment.event.trigger, .from = deployment.event.from}});
    return "";
  } catch (const Error& error) {
    return fmt::format("app.yml does not say {} replicas, and the next deployment goes by that: {}",
                       deployment.replicas, error.message());
  }
}

} // namespace teal
