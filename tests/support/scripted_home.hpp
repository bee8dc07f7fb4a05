/// @file
/// ScriptedHome: a home with an app, a real store, real locks and a real repository, whose target and router are
/// scripted. Its engine's socket leads nowhere: whoever asks an engine here fails.
#pragma once

#include "config/load.hpp"
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/scripted_router.hpp"
#include "support/scripted_target.hpp"
#include "support/temp_folder.hpp"
#include "target/services.hpp"
#include "traffic/routes.hpp"
#include "unit/git/git_fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace teal {

inline constexpr const char* k_scripted_settings =
    "colors: {blue: {port: 50101}, green: {port: 50100}}\nroute: {port: 50102}\n";

class ScriptedHome {
protected:
  explicit ScriptedHome(const std::string& router = "none", const std::string& more_settings = "") {
    std::filesystem::create_directories(m_home.build_locks());
    set_server_settings("router: {kind: " + router + "}\n" + more_settings);
    make_app("shop");
    m_git.write("Dockerfile", "FROM scratch\n");
    m_commit = m_git.commit("Fix login");
    m_services = std::make_unique<Services>(m_home, clean_environment(), kinds());
  }

  void set_server_settings(const std::string& settings) const {
    write_file(m_home.settings(), fmt::format("engine: {{host: 'unix://{}'}}\n{}", engine_socket().string(), settings));
  }
  void make_app(const std::string& name, const std::string& settings = k_scripted_settings) {
    std::filesystem::create_directories(m_home.app(name).logs());
    write_file(m_home.app(name).settings(), settings);
  }
  [[nodiscard]] std::filesystem::path engine_socket() const { return m_folder.path() / "engine.sock"; }

  [[nodiscard]] Kinds kinds() const {
    return {.target = [world = m_world](std::string_view /*kind*/,
                                        Services& /*services*/) { return std::make_unique<ScriptedTarget>(world); },
            .router = [routes = m_routes](const ServerSettings::Router& settings,
                                          const std::filesystem::path& /*folder*/,
                                          const Environment& /*environment*/) -> std::unique_ptr<route::Router> {
              return settings.kind == ServerSettings::Router::Kind::none ? nullptr
                                                                         : std::make_unique<ScriptedRouter>(routes);
            }};
  }

  /// By hand, so that what fails is not tried again by itself.
  Deployment enqueue(const Destination& destination, std::int64_t release = 0, Trigger trigger = Trigger::cli) {
    const Event event{.app = "shop",
                      .trigger = trigger,
                      .repository = m_git.source().string(),
                      .ref = "refs/heads/main",
                      .new_commit = m_commit,
                      .subject = "Fix login",
                      .who = "anna",
                      .at = m_clock.now()};
    return m_store.queue.enqueue(event, destination, release).deployment;
  }
  /// As a runner does it.
  [[nodiscard]] Deployment begin(Deployment deployment, Color color) {
    REQUIRE(m_store.queue.begin(deployment.id, color));
    deployment.color = color;
    return deployment;
  }
  /// A deployment that ended well, whose release its color serves.
  Deployment serve(Color color) {
    Deployment deployment = begin(enqueue(color), color);
    deployment.release =
        m_store.queue.add_release(deployment.id, {.app = "shop",
                                                  .commit = m_commit,
                                                  .subject = fmt::format("Release of deployment {}", deployment.id),
                                                  .identity = fmt::format("served:{}", deployment.id),
                                                  .created = m_clock.now()});
    m_store.queue.publish_release(deployment.release, fmt::format("scripted:served:{}", deployment.id));
    m_store.queue.keep_settings(deployment.release, {.settings = k_scripted_settings, .pushed = {}, .env = {}});
    m_store.queue.finish(deployment.id, Status::ready, {});
    m_world->serve("shop", color, deployment.id, deployment.release);
    return deployment;
  }
  /// All routes lead to what the colors serve, and live traffic there.
  void go_live(Color color) {
    Placement placement{.serving = {}, .live = color, .shares = {}};
    for (const Color one : k_colors) {
      if (auto running = m_world->current("shop", one)) {
        placement.serving.emplace(one, std::move(*running));
      }
    }
    const Running& running = placement.serving.at(color);
    m_store.traffic.move({.app = "shop",
                          .color = color,
                          .release = running.release,
                          .deployment = running.deployment,
                          .commit = running.commit,
                          .who = "anna",
                          .at = {}});
    const std::lock_guard lock(m_routes->mutex);
    m_routes->table = route::with_routes(
        m_routes->table, "shop", routes_for("shop", load_app_settings(m_home, "shop"), std::nullopt, placement));
  }

  [[nodiscard]] Deployment stored(std::int64_t id) const { return m_store.history.deployment(id).value(); }
  /// "checkout done", "build failed", in their order.
  [[nodiscard]] std::vector<std::string> steps_of(std::int64_t id) const {
    std::vector<std::string> steps;
    for (const Step& step : stored(id).steps) {
      steps.push_back(fmt::format("{} {}", to_string(step.name), to_string(step.status)));
    }
    return steps;
  }
  [[nodiscard]] std::string log_of(std::int64_t id) const { return read_file(m_home.app("shop").log(id)); }
  [[nodiscard]] std::string current_id(Color color) const {
    const auto current = m_world->current("shop", color);
    return current ? current->id : "";
  }

  TempFolder m_folder;
  git::GitFixture m_git;
  std::string m_commit;
  Home m_home{m_folder.path()};
  SystemClock m_clock;
  Store m_store{m_home.store(), m_clock};
  std::shared_ptr<ScriptedWorld> m_world = std::make_shared<ScriptedWorld>();
  std::shared_ptr<ScriptedRoutes> m_routes = std::make_shared<ScriptedRoutes>();
  std::unique_ptr<Services> m_services;
};

/// With a router.
class RoutedHome : public ScriptedHome {
protected:
  RoutedHome() : ScriptedHome("haproxy") {}
};

/// For ScriptedWorld::at().
inline std::function<void()> failing(const std::string& message, ErrorKind kind = ErrorKind::environment) {
  return [=] { throw Error(kind, message); };
}

} // namespace teal
