#include "deploy/rollback.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "model/event.hpp"
#include "traffic/live_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::size_t k_shortest_commit = 4;
constexpr std::size_t k_far_enough = 1000; ///< rows of the past that are looked at

bool is_meant(const Release& release, const RollbackOrder& order) {
  const bool fits = release.target == (order.target.empty() ? k_docker_target : order.target);
  if (std::to_string(release.id) == order.wanted) {
    return fits || order.target.empty();
  }
  return fits && order.wanted.size() >= k_shortest_commit && release.commit.starts_with(order.wanted);
}

std::string list_of(const std::vector<Release>& releases) {
  std::string text;
  for (const Release& release : releases) {
    text += fmt::format("\n  {:>4}  {}  {}", release.id, short_commit(release.commit), release.subject);
  }
  return text.empty() ? "; none is kept" : "; these are kept:" + text;
}

/// What the app, or its target, ran before, newest first, as release ids; the first is what it runs now.
std::vector<std::int64_t> past_of(Services& services, Store& store, const RollbackOrder& order) {
  std::vector<std::int64_t> past;
  if (services.router && order.target.empty()) {
    for (const Live& live : store.traffic.history(order.app, k_far_enough)) {
      past.push_back(live.release);
    }
    return past;
  }
  const auto latest = store.history.latest_on_a_color(order.app);
  for (const Deployment& deployment : store.history.deployments(order.app, k_far_enough)) {
    const bool is_there = order.target.empty() ? deployment.color && deployment.color == latest->color
                                               : deployment.destination.text() == order.target;
    if (is_success(deployment.status) && is_there) {
      past.push_back(deployment.release);
    }
  }
  return past;
}

/// Where the target runs it already, nothing is to be done.
std::variant<AlreadyThere, BySwitch, ByDeployment> plan_target_rollback(Services& services, Store& store,
                                                                        const Release& release) {
  const Destination destination = Destination::parse(release.target).value();
  const auto now = store.history.current_at(release.app, destination);
  const auto target = services.plain_target(release.app, release.target);
  if (now && now->release == release.id && target->current() == release.artifact) {
    return AlreadyThere{};
  }
  return ByDeployment{{.event = {.app = release.app,
                                 .trigger = Trigger::cli,
                                 .repository = services.home.app(release.app).repository(Color::blue).string(),
                                 .ref = fmt::format("release {}", release.id),
                                 .new_commit = release.commit,
                                 .subject = release.subject,
                                 .at = SystemClock().now()},
                       .destination = destination,
                       .release = release.id}};
}

} // namespace

Release find_rollback(Services& services, Store& store, const RollbackOrder& order) {
  const std::string& app = order.app;
  const std::string& wanted = order.wanted;
  const std::string& target = order.target;
  if (!target.empty()) {
    require_target(load_app_settings(services.home, app), app, target);
  }
  std::vector<Release> kept = store.history.releases(app);
  std::erase_if(kept, [](const Release& release) { return release.artifact.empty(); });
  const auto of_place = [&] {
    std::vector<Release> found = kept;
    std::erase_if(found, [&](const Release& one) { return one.target != (target.empty() ? k_docker_target : target); });
    return list_of(found);
  };
  if (wanted.empty() && target.empty() && shift_under_way(services.home.app(app))) {
    const auto live = store.traffic.live(app);
    if (const auto before = live ? store.history.release(live->release) : std::nullopt) {
      return *before;
    }
  }
  if (wanted.empty()) {
    const auto past = past_of(services, store, order);
    const auto before = std::find_if(past.begin(), past.end(), [&](std::int64_t id) { return id != past.front(); });
    const auto release = before == past.end() ? std::nullopt : store.history.release(*before);
    if (!release) {
      throw Error(ErrorKind::usage, fmt::format("'{}' has no earlier release to go back to{}", app, of_place()));
    }
    return *release;
  }
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const Release& one) { return is_meant(one, order); });
  if (found == kept.end()) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' has no release '{}'{}", app, shorten(printable(wanted), 60), of_place()));
  }
  return *found;
}

std::variant<AlreadyThere, BySwitch, ByDeployment> plan_rollback(Services& services, Store& store,
                                                                 const Release& release) {
  if (release.target != k_docker_target) {
    return plan_target_rollback(services, store, release);
  }
  LiveTraffic traffic(services, store, release.app);
  const Placement placement = traffic.placement();
  const auto runs_it = [&](Color color) {
    const auto found = placement.serving.find(color);
    return found != placement.serving.end() && found->second.runs && found->second.release == release.id;
  };
  const auto latest = store.history.latest_on_a_color(release.app);
  const Color now = placement.live.value_or(latest ? latest->color.value_or(Color::blue) : Color::blue);
  if (runs_it(now) && !placement.shares.empty()) {
    return BySwitch{now};
  }
  if (runs_it(now) && (placement.live || !services.router)) {
    return AlreadyThere{};
  }
  if (services.router && runs_it(other(now))) {
    return BySwitch{other(now)};
  }
  const Destination destination = services.router ? Destination::live() : Destination(now);
  const AppFolder folder = services.home.app(release.app);
  return ByDeployment{
      {.event = {.app = release.app,
                 .trigger = Trigger::cli,
                 .repository = (services.router ? folder.live_repository() : folder.repository(now)).string(),
                 .ref = fmt::format("release {}", release.id),
                 .new_commit = release.commit,
                 .subject = release.subject,
                 .at = SystemClock().now()},
       .destination = destination,
       .release = release.id}};
}

std::variant<AlreadyThere, SwitchResult, Submission> go_back(Services& services, const Workplace& place,
                                                             const Release& release, const Principal& who,
                                                             const std::function<void(const std::string&)>& tell) {
  auto way = plan_rollback(services, place.store, release);
  if (const auto* by_switch = std::get_if<BySwitch>(&way)) {
    return switch_traffic(services, place.store,
                          {.app = release.app,
                           .color = by_switch->color,
                           .who = who.text(),
                           .force = false,
                           .verb = "rollback",
                           .origin = who.origin},
                          tell);
  }
  if (auto* by_deployment = std::get_if<ByDeployment>(&way)) {
    by_deployment->request.event.trigger = who.origin.door;
    return submit(place, who, std::move(by_deployment->request));
  }
  return AlreadyThere{};
}

} // namespace teal
