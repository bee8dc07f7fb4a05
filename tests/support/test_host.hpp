/// @file
/// TestHost: a host that runs tealhook, as its users have one: a home, a registry, the real engine, and the programs as
/// they were built. And Project: the working copy of somebody who pushes.
#pragma once

#include "model/color.hpp"
#include "model/home.hpp"
#include "process/subprocess.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// How long what is waited for may take on a busy machine.
inline constexpr std::chrono::seconds k_patience(120);

/// Waits until the app has nothing queued or running, and its runner is gone: no file comes or goes any more.
void await_rest(const Home& home, const std::string& app);

class TestHost {
public:
  /// Makes the home, and a registry on a free port; with a router, starts that.
  explicit TestHost(const std::string& router = "none");
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;
  /// Removes every app, ends router and registry.
  ~TestHost();

  [[nodiscard]] const Home& home() const { return m_home; }
  [[nodiscard]] const std::string& registry() const { return m_registry; }
  /// With TEALHOOK_HOME set, and a git that reads no configuration of whoever runs the tests.
  [[nodiscard]] const Environment& environment() const { return m_environment; }

  /// Runs the built tealhook; the outcome's tail has both streams, its output the standard one.
  Outcome tealhook(std::vector<std::string> arguments) const;
  /// The same, and fails the test unless it exits with 0. Returns standard output.
  std::string tealhook_ok(std::vector<std::string> arguments) const;
  /// Makes an app of a name that no other test has, and returns the name. What fails of it is not tried again by
  /// itself.
  std::string create_app() const;
  /// What the app's live port answers to GET `path`, as answer().
  [[nodiscard]] std::string live_answer(const std::string& app, const std::string& path = "/") const;
  [[nodiscard]] std::uint16_t live_port(const std::string& app) const;
  [[nodiscard]] std::filesystem::path repository(const std::string& app, Color color) const;
  /// Writes tealhook.yml anew: registry and router as they are, and this engine ("unix:///…", and what else its group
  /// is to have: "ssh://host, key: /file").
  void use_engine(const std::string& engine) const;
  /// Writes app.yml anew: its ports, and `yaml`; deploy.retries is 0 unless that says otherwise.
  void set_settings(const std::string& app, std::string_view yaml) const;
  [[nodiscard]] std::uint16_t port(const std::string& app, Color color) const;
  /// What the color's port answers to GET /, without the line feed; empty if nothing does.
  [[nodiscard]] std::string answer(const std::string& app, Color color) const;
  void await_rest(const std::string& app) const { teal::await_rest(m_home, app); }
  /// `docker` with these arguments; its standard output, trimmed.
  std::string docker(std::vector<std::string> arguments) const;

  [[nodiscard]] static std::filesystem::path tool();
  [[nodiscard]] static std::filesystem::path hook();
  /// The programs once more, where another user can reach them: the build tree may lie in root's own folder.
  static void install_below(const std::filesystem::path& prefix);

private:
  TempFolder m_folder;
  Home m_home;
  std::string m_registry;
  std::string m_router;
  Environment m_environment;
};

class Project {
public:
  /// A git repository whose Dockerfile runs tests/support/program.cpp with `arguments`.
  Project(const TestHost& host, const std::vector<std::string>& arguments = {});

  [[nodiscard]] const std::filesystem::path& path() const { return m_folder.path(); }
  void write(const std::filesystem::path& file, std::string_view text) const;
  void set_arguments(const std::vector<std::string>& arguments) const;
  /// What is committed from now on takes so long to build, whatever the engine has built for others.
  void build_slowly(int seconds) const;
  /// Sets what the program says, and commits all there is. Returns the commit's id.
  std::string commit(const std::string& version) const;
  /// Runs git here; fails the test unless it exits with 0. Returns its standard output, trimmed.
  std::string git(std::vector<std::string> arguments) const;
  /// The tail has what the pusher sees; `refspec` may be a branch.
  Outcome push(const std::filesystem::path& repository, const std::string& refspec = "main") const;
  Outcome push(const std::string& app, Color color, const std::string& refspec = "main") const;

private:
  const TestHost& m_host;
  TempFolder m_folder;
};

/// What HTTP GET of a URL of this host answers: the body, trimmed; empty if nothing answers within two seconds.
[[nodiscard]] std::string http_get(std::uint16_t port, const std::string& path = "/");

} // namespace teal
