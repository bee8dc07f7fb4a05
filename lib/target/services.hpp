/// @file
/// Services: what a deployment needs of the world, made of the home's settings.
#pragma once

#include "config/settings.hpp"
#include "engine/cli.hpp"
#include "engine/engine.hpp"
#include "engine/images.hpp"
#include "engine/registry_client.hpp"
#include "engine/registry_server.hpp"
#include "model/home.hpp"
#include "process/subprocess.hpp"
#include "route/router_factory.hpp"
#include "target/docker/docker_slots.hpp"
#include "target/targets.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace teal {

/// How what there are several kinds of is made.
struct Kinds {
  std::function<std::unique_ptr<Target>(std::string_view kind, Services&)> target = make_target;
  std::function<std::unique_ptr<PlainTarget>(NamedTarget, Services&)> plain_target = make_plain_target;
  std::function<std::unique_ptr<route::Router>(const ServerSettings::Router&, const std::filesystem::path& folder,
                                               const Environment&)>
      router = route::make_router;
};

/// How the home's engine is reached.
[[nodiscard]] engine::EngineAccess engine_access(const Home& home, const ServerSettings::Engine& settings,
                                                 const Environment& environment);

struct Services {
  /// Reads tealhook.yml; throws Error(settings) if it is wrong. Nothing is asked of engine or registry yet.
  Services(Home home, Environment environment, const Kinds& kinds = {});
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  [[nodiscard]] Slot slot(std::string_view app, Color color) const {
    return {home.root.string(), std::string(app), color};
  }
  /// "localhost:5000/shop".
  [[nodiscard]] std::string image_repository(std::string_view app) const;
  [[nodiscard]] engine::RegistryServer registry_server();
  /// Where this host asks for what is published on `bind` of the engine's host.
  [[nodiscard]] std::string published_address(const std::string& bind) const;
  /// The host whose port a color has: empty for this one, which has it where the engine is here, or a router.
  [[nodiscard]] std::string published_host() const;
  /// How the app's colors are run, as its settings say now; where these cannot be read, as containers.
  [[nodiscard]] Target& target(std::string_view app);
  /// The kind of that: "docker", "compose", "swarm".
  [[nodiscard]] const std::string& kind_of_colors(std::string_view app);
  /// Whether they are containers of the engine, which anybody can ask it for.
  [[nodiscard]] bool runs_in_containers(std::string_view app) { return kind_of_colors(app) != "swarm"; }
  /// The header X-Registry-Auth with which others may pull from the registry; empty where it wants no login. Secret.
  [[nodiscard]] std::string registry_login() const;
  /// One of the app's targets without colors, as its settings are now. Throws Error(settings) if there is none of that
  /// name.
  [[nodiscard]] std::unique_ptr<PlainTarget> plain_target(std::string_view app, const std::string& name);

  const Home home;
  const Environment environment;
  const ServerSettings settings;
  engine::Engine engine;
  engine::Cli cli;
  engine::Images images;
  engine::RegistryClient registry; ///< while a release is published, of the thread that does so
  DockerSlots docker;
  std::unique_ptr<route::Router> router; ///< nothing with router.kind: none

private:
  decltype(Kinds::target) m_make_target;
  decltype(Kinds::plain_target) m_make_plain_target;
  /// What an app's settings said, and when they were written.
  struct KnownKind {
    std::filesystem::file_time_type written;
    std::string kind;
  };
  std::map<std::string, KnownKind, std::less<>> m_kinds;           ///< by app
  std::map<std::string, std::unique_ptr<Target>> m_colors_targets; ///< by kind
};

} // namespace teal
