/// @file
/// World: a host with tealhook, a registry and a router, whose engine and registry are reached through proxies, and an
/// app that somebody pushes to. It owns the whole host that it runs on: see tests/support/private_host.sh.
#pragma once

#include "matrix/file_source.hpp"
#include "matrix/prober.hpp"
#include "matrix/victims.hpp"
#include "model/color.hpp"
#include "model/home.hpp"
#include "process/subprocess.hpp"
#include "store/store.hpp"
#include "support/fault_proxy.hpp"
#include "support/temp_folder.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// What a command or a push said, and how it ended.
struct Told {
  std::string text;
  int exit_code = 0;
  bool by_push = false; ///< git has the last word on the exit code
  bool ended = true;    ///< within its deadline, by itself
};

/// What answers where; see ask().
struct Serving {
  std::string live;
  std::string blue;
  std::string green;

  [[nodiscard]] const std::string& at(Color color) const { return color == Color::blue ? blue : green; }
  void set(Color color, const std::string& version);
};

class World {
public:
  explicit World(std::string router);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  [[nodiscard]] const std::string& router() const { return m_router; }
  [[nodiscard]] bool is_routed() const { return m_router != "none"; }
  /// How many it has while nothing is being changed.
  [[nodiscard]] std::size_t router_processes() const { return m_router_processes; }
  [[nodiscard]] const Home& home() const { return m_home; }
  [[nodiscard]] FaultProxy& engine() { return m_engine; }
  [[nodiscard]] FaultProxy& registry() { return m_registry; }
  [[nodiscard]] FileSource& files() { return m_files; }

  /// How long the engine is waited for from now on: "45s".
  void set_engine_timeout(const std::string& timeout) const;
  /// Of the app: what all points have in common, and `yaml`.
  void set_app_settings(const std::string& app, std::string_view yaml) const;

  Told tealhook(std::vector<std::string> arguments, bool watched = false) const;
  void tealhook_ok(const std::vector<std::string>& arguments) const;
  /// Commits a version that nobody had, and pushes it to "blue", "green" or "live".
  Told push(const std::string& app, std::string_view repository, const std::string& version, bool watched = false);
  [[nodiscard]] std::string new_version();
  /// The commit that says it, 40 hex digits.
  [[nodiscard]] std::string commit_of(const std::string& version) const;
  std::string docker(std::vector<std::string> arguments) const;

  [[nodiscard]] std::uint16_t port(const std::string& app, std::optional<Color> color) const;
  [[nodiscard]] bool has_app(const std::string& app) const;
  /// Nothing of an app that is not there.
  [[nodiscard]] Serving serving(const std::string& app) const;
  [[nodiscard]] Store store() const { return {m_home.store(), m_clock}; }
  [[nodiscard]] Color live_color(const std::string& app) const;

  /// Brings back what was killed of it, as an init system would: the engine, the registry; and lets tealhook recover.
  void engine_up() const;
  void registry_up() const;
  bool await_rest() const;

private:
  void write_settings(const std::string& timeout, std::uint16_t registry) const;
  [[nodiscard]] Environment environment(bool watched) const;
  Told run_told(std::vector<std::string> arguments, const std::filesystem::path& folder, bool watched) const;

  std::string m_router;
  TempFolder m_folder;
  Home m_home{m_folder.path() / "home"};
  FaultProxy m_engine;
  FaultProxy m_registry;
  FileSource m_files{m_folder.path()};
  SystemClock m_clock;
  std::map<std::string, std::string> m_commits;
  int m_count = 0;
  std::size_t m_router_processes = 0;
};

} // namespace teal
