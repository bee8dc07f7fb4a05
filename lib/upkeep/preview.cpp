#include "upkeep/preview.hpp"

#include "git/repository.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/ways_in.hpp"

#include <fmt/format.h>

#include <functional>

namespace teal {

namespace {

class Obstacles {
public:
  explicit Obstacles(std::vector<Error>& found) : m_found(found) {}

  /// Goes on where `look` throws.
  void note(const std::function<void()>& look) {
    try {
      look();
    } catch (const Error& error) {
      m_found.push_back(error);
    }
  }

private:
  std::vector<Error>& m_found;
};

void require_in_commit(const git::Repository& repository, const std::string& commit, const std::filesystem::path& path,
                       const char* key) {
  const std::string name = path.lexically_normal().string();
  if (!repository.may_have(commit, name)) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not in the commit ({})", name, key));
  }
}

void look_at_build(Obstacles& obstacles, const git::Repository& repository, const std::string& commit,
                   const BuildSettings& settings) {
  obstacles.note([&] {
    require_in_commit(repository, commit, settings.context, "build.context");
    require_in_commit(repository, commit, std::filesystem::path(settings.context) / settings.dockerfile,
                      "build.dockerfile");
  });
}

void look_at_target(Services& services, const Store& store, const Request& request, Preview& found) {
  found.target = request.destination.text();
  found.present = store.history.current_at(request.event.app, request.destination);
  const auto target = services.plain_target(request.event.app, found.target);
  found.target_steps = target->planned_steps();
  const auto more = target->obstacles();
  found.obstacles.insert(found.obstacles.end(), more.begin(), more.end());
}

void require_router_to_follow(const Services& services) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                "there is no router that could move live traffic: set router.kind in tealhook.yml");
  }
}

} // namespace

std::string_view place_of(const Preview& preview) {
  return preview.target.empty() ? to_string(preview.color) : std::string_view(preview.target);
}

Preview preview(Services& services, Store& store, const Request& request) {
  const Event& event = request.event;
  Preview found{.color = request.destination.color().value_or(Color::blue)};
  Obstacles obstacles(found.obstacles);
  LiveTraffic traffic(services, store, event.app);
  obstacles.note([&] { found.live = traffic.live(); });
  if (request.destination.takes_idle_color()) {
    obstacles.note([&] { found.color = traffic.idle(); });
  }
  found.moves_traffic = request.destination.moves_traffic() && found.live != found.color;
  found.freeze = store.traffic.freeze(event.app);
  found.pause = store.queue.find_pause(event.app);
  found.busy = store.queue.next(event.app) || !store.queue.unfinished(event.app).empty();
  if (request.destination.is_target()) {
    obstacles.note([&] { look_at_target(services, store, request, found); });
    return found;
  }

  const Slot slot = services.slot(event.app, found.color);
  std::optional<git::Repository> repository;
  if (event.artifact.empty()) {
    repository = git::Repository::open(event.repository);
  }
  obstacles.note([&] {
    found.plan = repository ? plan_for(services.home, event.app, *repository, event.new_commit)
                            : plan_of_app(services.home, event.app);
  });
  if (request.destination.moves_traffic()) {
    obstacles.note([&] { require_router_to_follow(services); });
  }
  if (found.plan && repository && found.plan->settings.is_one_image()) {
    look_at_build(obstacles, *repository, event.new_commit, found.plan->settings.build);
  }
  obstacles.note([&] {
    const auto current = services.target(event.app).current(slot);
    if (current && current->runs) {
      found.present = store.history.deployment(current->deployment);
    }
    if (found.plan) {
      const auto more = services.target(event.app).obstacles(slot, found.plan->settings);
      found.obstacles.insert(found.obstacles.end(), more.begin(), more.end());
      require_entrance(services, slot, current, found.plan->settings);
    }
  });
  return found;
}

} // namespace teal
