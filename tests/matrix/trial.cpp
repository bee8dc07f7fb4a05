#include "matrix/trial.hpp"

#include "core/text.hpp"
#include "matrix/invariants.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace teal {

namespace {

constexpr const char* k_shared_app = "shop";

std::string app_for(const Path& path) {
  static int s_count = 0;
  return path.own_app ? fmt::format("own{}", ++s_count) : k_shared_app;
}

void set_up(World& world, const Path& path, const std::string& app) {
  if (!path.own_app && !world.has_app(app)) {
    world.tealhook_ok({"app", "create", app});
  }
  if (world.has_app(app)) {
    world.set_app_settings(app, path.settings);
  }
  path.prepare(world, app);
  if (world.has_app(app)) {
    world.set_app_settings(app, path.settings);
  }
  world.await_rest();
}

void take_down(World& world, const Path& path, const std::string& app) {
  if (path.own_app && world.has_app(app)) {
    world.tealhook_ok({"app", "remove", app, "--yes"});
  }
}

/// Whatever was killed comes back as it does on a real host: the engine and the registry by their units, the rest by
/// the `recover` that runs at boot and every now and then.
std::string bring_back(World& world) {
  world.engine_up();
  world.registry_up();
  const Told recovered = world.tealhook({"recover"});
  if (!world.await_rest()) {
    return "runners that recover started do not end";
  }
  return recovered.exit_code == 0 ? "" : fmt::format("recover exited with {}: {}", recovered.exit_code, recovered.text);
}

bool may_interrupt(const World& world, const Path& path, const Point& point) {
  const bool takes_away = point.is_kill() && (point.victim == Victim::router || point.victim == Victim::engine ||
                                              point.victim == Victim::host);
  return !world.is_routed() || takes_away || path.may_pause;
}

/// The path once more, with nothing in its way.
void do_again(World& world, const Path& path, const std::string& app, Findings& findings) {
  if (path.finish) {
    path.finish(world, app);
    return;
  }
  path.prepare(world, app);
  const std::string version = world.new_version();
  const Serving before = world.serving(app);
  const Serving wanted = path.after(world, app, before, version);
  const Told told = path.act(world, app, version, false);
  world.await_rest();
  check_success(world, app, told, wanted, findings);
}

} // namespace

Extent measure(World& world, const Path& path) {
  const std::string app = app_for(path);
  set_up(world, path, app);
  const std::string version = world.new_version();
  if (path.damage) {
    path.damage(world, app);
  }
  world.engine().disarm();
  world.registry().disarm();
  world.files().disarm();
  const Told told = path.act(world, app, version, true);
  if (!world.await_rest() || told.exit_code != 0 || told.text.find("FAILED") != std::string::npos) {
    throw std::runtime_error(fmt::format("'{}' does not work undisturbed:\n{}", path.name, told.text));
  }
  const Extent extent{.engine = static_cast<int>(world.engine().calls().size()),
                      .registry = static_cast<int>(world.registry().calls().size()),
                      .files = world.files().count()};
  take_down(world, path, app);
  return extent;
}

TrialResult try_point(World& world, const Path& path, const Point& point) {
  TrialResult result;
  Findings findings;
  const std::string app = app_for(path);
  set_up(world, path, app);
  const std::string version = world.new_version();
  const Serving before = world.serving(app);
  const Serving wanted = path.after(world, app, before, version);
  if (path.damage) {
    path.damage(world, app);
  }
  const std::uint16_t port = world.has_app(app)
                                 ? world.port(app, world.is_routed() ? std::nullopt : std::optional(Color::blue))
                                 : std::uint16_t{0};
  std::optional<Prober> prober;
  if (port != 0) {
    prober.emplace(port);
  }
  arm(world, point);
  const Told told = path.act(world, app, version, point.source == Point::Source::files);
  result.told = told.text;
  if (!told.ended) {
    findings.add("it did not end");
  }
  if (!world.await_rest()) {
    findings.add("a runner does not end");
    kill_victim(Victim::runner);
  }
  result.befell = disarm(world, point);
  const bool gaps = may_interrupt(world, path, point);
  if (!gaps && !path.finish && world.has_app(app) && is_page(before.live)) {
    check_serving(world, app, {before, wanted, path.may_pause}, findings, "without recover, ");
  }
  if (const std::string fault = bring_back(world); !fault.empty()) {
    findings.add(fault);
  }
  if (prober && !path.finish) {
    const bool live = world.is_routed();
    check_probes(prober->stop(), live ? before.live : before.blue, live ? wanted.live : wanted.blue, gaps, findings);
  }
  if (world.has_app(app) && !path.finish) {
    check_serving(world, app, {before, wanted, path.may_pause}, findings, "");
    check_agreement(world, app, findings);
    const bool was_killed = point.is_kill() && told.exit_code != 0;
    check_truth(world, app, {told, version, before, wanted, was_killed}, findings);
  }
  try {
    do_again(world, path, app, findings);
    take_down(world, path, app);
    check_nothing_left(world, app, path.own_app, told, findings);
    check_one_router(world, findings);
  } catch (const std::exception& error) {
    findings.add(fmt::format("what comes next fails: {}", error.what()));
  }
  result.violations = findings.all();
  return result;
}

} // namespace teal
