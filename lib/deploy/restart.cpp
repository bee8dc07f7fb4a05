#include "deploy/restart.hpp"

#include "traffic/live_traffic.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr std::size_t k_far_enough = 1000; ///< deployments that are looked at

} // namespace

Color color_in_use(Services& services, Store& store, const std::string& app) {
  if (const auto live = LiveTraffic(services, store, app).live()) {
    return *live;
  }
  for (const Deployment& deployment : store.history.deployments(app, k_far_enough)) {
    if (is_success(deployment.status) && deployment.color) {
      return *deployment.color;
    }
  }
  throw Error(ErrorKind::usage, fmt::format("nothing of '{}' was deployed yet", app));
}

std::vector<Color> colors_that_run(Services& services, Store& store, const std::string& app) {
  std::vector<Color> colors;
  for (const Color color : k_colors) {
    const auto current = services.target(app).current(services.slot(app, color));
    if (current && current->runs) {
      colors.push_back(color);
    }
  }
  if (colors.size() == 2 && color_in_use(services, store, app) != colors.front()) {
    std::swap(colors.front(), colors.back());
  }
  return colors;
}

Request restart_request(Services& services, Store& store, const std::string& app, Color color) {
  const auto current = services.target(app).current(services.slot(app, color));
  const auto last = store.history.current(app, color);
  const auto release = store.history.release(current ? current->release : last ? last->release : 0);
  if (!release) {
    throw Error(ErrorKind::usage, fmt::format("nothing of '{}' was deployed to {} yet", app, to_string(color)));
  }
  return {.event = {.app = app,
                    .trigger = Trigger::cli,
                    .repository = services.home.app(app).repository(color).string(),
                    .ref = fmt::format("release {}", release->id),
                    .new_commit = release->commit,
                    .subject = release->subject,
                    .at = SystemClock().now()},
          .destination = Destination(color),
          .release = release->id,
          .is_restart = true};
}

} // namespace teal
