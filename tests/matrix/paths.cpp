#include "matrix/paths.hpp"

#include "model/slot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace teal {

namespace {

constexpr const char* k_short = "deploy: {drain: 300ms, stop_timeout: 1s, build_deadline: 12s}\n";

std::string with_deploy(const std::string& more) {
  return fmt::format("deploy: {{drain: 300ms, stop_timeout: 1s, build_deadline: 12s, {}}}\n", more);
}

void require_success(const Told& told) {
  if (told.exit_code != 0 || told.text.find("FAILED") != std::string::npos) {
    throw std::runtime_error("what a point begins with failed:\n" + told.text);
  }
}

std::string door(const World& world) {
  return world.is_routed() ? "live" : "blue";
}

Color idle_color(const World& world, const std::string& app) {
  return world.is_routed() ? other(world.live_color(app)) : Color::green;
}

Color target_color(const World& world, const std::string& app) {
  return world.is_routed() ? idle_color(world, app) : Color::blue;
}

void push_ok(World& world, const std::string& app, const std::string& repository) {
  require_success(world.push(app, repository, world.new_version()));
  world.await_rest();
}

/// Both colors serve, and with a router one is live.
void serve_both(World& world, const std::string& app) {
  Serving now = world.serving(app);
  if (world.is_routed() && !is_page(now.live)) {
    push_ok(world, app, "live");
    now = world.serving(app);
  }
  for (const Color color : k_colors) {
    if (!is_page(now.at(color))) {
      push_ok(world, app, std::string(to_string(color)));
    }
  }
}

std::string version_of(const Release& release) {
  return release.subject.substr(release.subject.rfind(' ') + 1);
}

bool serves(const Serving& serving, const std::string& version) {
  const auto is_it = [&](const std::string& page) { return page.starts_with(version + " "); };
  return is_it(serving.blue) || is_it(serving.green);
}

/// What `tealhook rollback` goes back to by itself.
std::optional<Release> previous(World& world, const std::string& app) {
  const Store store = world.store();
  std::vector<std::int64_t> past;
  if (world.is_routed()) {
    for (const Live& live : store.traffic.history(app, 100)) {
      past.push_back(live.release);
    }
  } else {
    for (const Deployment& deployment : store.history.deployments(app, 100)) {
      if (is_success(deployment.status) && deployment.color == store.history.latest(app)->color) {
        past.push_back(deployment.release);
      }
    }
  }
  const auto found = std::find_if(past.begin(), past.end(), [&](std::int64_t id) { return id != past.front(); });
  return found == past.end() ? std::nullopt : store.history.release(*found);
}

void prepare_rollback(World& world, const std::string& app) {
  serve_both(world, app);
  const auto release = previous(world, app);
  const bool there = release && serves(world.serving(app), version_of(*release)) == world.is_routed();
  if (!there) {
    push_ok(world, app, door(world));
    push_ok(world, app, door(world));
  }
}

/// A kept release that runs nowhere.
std::optional<Release> sleeping_release(World& world, const std::string& app) {
  const Serving now = world.serving(app);
  for (const Release& release : world.store().history.releases(app)) {
    if (!serves(now, version_of(release))) {
      return release;
    }
  }
  return std::nullopt;
}

Serving pushed(World& world, const std::string& app, Serving before, const std::string& version) {
  const Color color = target_color(world, app);
  before.set(color, version);
  if (world.is_routed()) {
    before.live = before.at(color);
  }
  return before;
}

Serving switched(World& world, const std::string& app, Serving before, const std::string&) {
  before.live = before.at(idle_color(world, app));
  return before;
}

Path push_path(std::string name, std::string settings) {
  return {.name = std::move(name),
          .settings = std::move(settings),
          .prepare = serve_both,
          .damage = {},
          .act = [](World& world, const std::string& app, const std::string& version,
                    bool watched) { return world.push(app, door(world), version, watched); },
          .after = pushed};
}

/// To a color's own repository.
Path color_push_path(std::string name, std::string settings, Color (*choose)(const World&, const std::string&)) {
  Path path = push_path(std::move(name), std::move(settings));
  path.act = [choose](World& world, const std::string& app, const std::string& version, bool watched) {
    return world.push(app, to_string(choose(world, app)), version, watched);
  };
  path.after = [choose](World& world, const std::string& app, Serving before, const std::string& version) {
    const Color color = choose(world, app);
    const bool is_live = before.live == before.at(color);
    before.set(color, version);
    if (is_live) {
      before.live = before.at(color);
    }
    return before;
  };
  return path;
}

Path first_push() {
  Path path = push_path("first-push", k_short);
  path.own_app = true;
  path.may_pause = true;
  path.prepare = [](World& world, const std::string& app) {
    if (!world.has_app(app)) {
      world.tealhook_ok({"app", "create", app});
    }
  };
  path.after = [](World& world, const std::string& app, Serving before, const std::string& version) {
    if (is_page(before.live)) { // the one after it
      return pushed(world, app, std::move(before), version);
    }
    before.set(Color::blue, version);
    if (world.is_routed()) {
      before.live = before.blue;
    }
    return before;
  };
  return path;
}

Path live_color_push() {
  Path path = color_push_path("push-live-color", k_short,
                              [](const World& world, const std::string& app) { return world.live_color(app); });
  path.in_place = false;
  return path;
}

Path command_path(std::string name, std::vector<std::string> words) {
  Path path = push_path(std::move(name), k_short);
  path.by_runner = false;
  path.act = [words](World& world, const std::string& app, const std::string&, bool watched) {
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.begin() + 1, app);
    return world.tealhook(std::move(arguments), watched);
  };
  return path;
}

Path switch_path() {
  Path path = command_path("switch", {"switch"});
  path.in_place = false;
  path.after = switched;
  return path;
}

Path shift_path() {
  Path path = command_path("shift", {"switch", "--to", "50%,100%", "--every", "150ms"});
  path.in_place = false;
  path.weighs = true;
  path.after = switched;
  return path;
}

Path rollback_path() {
  Path path = command_path("rollback", {"rollback"});
  path.in_place = false;
  path.prepare = prepare_rollback;
  path.after = switched;
  return path;
}

Path rollback_by_deployment() {
  Path path = push_path("rollback-deployment", k_short);
  path.prepare = [](World& world, const std::string& app) {
    serve_both(world, app);
    for (int tries = 0; tries < 3 && !sleeping_release(world, app); ++tries) {
      push_ok(world, app, door(world));
    }
  };
  path.act = [](World& world, const std::string& app, const std::string&, bool watched) {
    return world.tealhook({"rollback", app, std::to_string(sleeping_release(world, app).value().id)}, watched);
  };
  path.after = [](World& world, const std::string& app, Serving before, const std::string&) {
    const std::string version = version_of(sleeping_release(world, app).value());
    if (world.is_routed()) {
      return pushed(world, app, std::move(before), version);
    }
    before.set(world.store().history.latest(app)->color.value(), version);
    return before;
  };
  return path;
}

/// A router that was killed, and a live container that lost its name half-way.
Path recover_path() {
  Path path = push_path("recover", k_short);
  path.by_runner = false;
  path.may_pause = true;
  path.damage = [](World& world, const std::string& app) {
    const std::string name = fmt::format("{}-{}", app, to_string(target_color(world, app)));
    world.docker({"rename", name, name + "-retired"});
    kill_victim(Victim::router);
  };
  path.act = [](World& world, const std::string&, const std::string&, bool watched) {
    return world.tealhook({"recover"}, watched);
  };
  path.after = [](World&, const std::string&, Serving before, const std::string&) { return before; };
  return path;
}

/// Whether or not it came to an app: the next one to try makes it, and it can be pushed to.
Path create_path() {
  Path path = command_path("app-create", {"app", "create"});
  path.own_app = true;
  path.prepare = [](World&, const std::string&) {};
  path.act = [](World& world, const std::string& app, const std::string&, bool watched) {
    return world.tealhook({"app", "create", app}, watched);
  };
  path.after = [](World&, const std::string&, Serving before, const std::string&) { return before; };
  path.finish = [](World& world, const std::string& app) {
    if (!world.has_app(app)) {
      world.tealhook_ok({"app", "create", app});
    }
    push_ok(world, app, door(world));
  };
  return path;
}

Path remove_path() {
  Path path = create_path();
  path.name = "app-remove";
  path.prepare = [](World& world, const std::string& app) {
    world.tealhook_ok({"app", "create", app});
    push_ok(world, app, door(world));
  };
  path.act = [](World& world, const std::string& app, const std::string&, bool watched) {
    return world.tealhook({"app", "remove", app, "--yes"}, watched);
  };
  path.finish = [](World& world, const std::string& app) {
    if (world.has_app(app)) {
      world.tealhook_ok({"app", "remove", app, "--yes"});
    }
  };
  return path;
}

std::vector<Path> make_paths() {
  return {
      first_push(),
      [] {
        Path path = push_path("live-push", k_short);
        path.in_place = false;
        return path;
      }(),
      color_push_path("push", k_short, target_color),
      live_color_push(),
      [] {
        Path path = color_push_path("stop-first", with_deploy("order: stop-first"), target_color);
        path.may_pause = true;
        return path;
      }(),
      push_path("gate", fmt::format("gate: true\n{}", k_short)),
      push_path("tasks", with_deploy("before_switch: [[/program, --exit, '0']]")),
      push_path("processes", fmt::format("run: {{processes: {{worker: [/program, --port, '9']}}}}\n{}", k_short)),
      switch_path(),
      shift_path(),
      rollback_path(),
      rollback_by_deployment(),
      recover_path(),
      create_path(),
      remove_path(),
  };
}

} // namespace

const std::vector<Path>& all_paths() {
  static const std::vector<Path> k_paths = make_paths();
  return k_paths;
}

bool is_there(const Path& path, const std::string& router) {
  return router == "none" ? path.in_place : path.routed && !(path.weighs && router == "caddy");
}

} // namespace teal
