#include "matrix/world.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/no_retries.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace teal {

namespace {

namespace fs = std::filesystem;

const fs::path k_programs = TEAL_TEST_PROGRAMS;
const fs::path k_private_host = fs::path(TEAL_TEST_SOURCES) / "support/private_host.sh";
constexpr std::chrono::seconds k_deadline(75);
constexpr std::chrono::seconds k_patience_for_rest(75);
constexpr const char* k_usual_timeout = "45s";
constexpr std::uint16_t k_registry_port = 5000; ///< the proxy's
constexpr std::uint16_t k_real_registry_port = 5001;

std::string without_remote(const std::string& text) {
  std::string told;
  for (const std::string& line : split(text, '\n')) {
    constexpr std::string_view k_mark = "remote: ";
    told += fmt::format("{}\n", trim(line.starts_with(k_mark) ? std::string_view(line).substr(k_mark.size()) : line));
  }
  return told;
}

} // namespace

void Serving::set(Color color, const std::string& version) {
  (color == Color::blue ? blue : green) = fmt::format("{} {}", version, to_string(color));
}

World::World(std::string router)
    : m_router(std::move(router)), m_engine(m_folder.path() / "engine.sock", fs::path("/var/run/docker.sock")),
      m_registry(std::pair<std::string, std::uint16_t>("127.0.0.1", k_registry_port),
                 std::pair<std::string, std::uint16_t>("127.0.0.1", k_real_registry_port)) {
  engine_up();
  fs::create_directories(m_folder.path() / "project");
  const fs::path project = m_folder.path() / "project";
  fs::copy_file(TEAL_TEST_APP_PROGRAM, project / "program");
  std::ofstream(project / "Dockerfile")
      << "FROM scratch\nCOPY program /program\nCOPY version /version\nCMD [\"/program\"]\n";
  run_or_throw(
      {.arguments = {"git", "init", "-q", "-b", "main"}, .directory = project, .environment = environment(false)});
  tealhook_ok({"setup", "--registry", fmt::format("localhost:{}", k_registry_port), "--router", m_router});
  registry_up();
  if (is_routed()) {
    tealhook_ok({"router", "up"});
    std::this_thread::sleep_for(std::chrono::milliseconds(200)); // nginx answers before all of its workers are there
    m_router_processes = processes_of(Victim::router).size();
  }
}

World::~World() {
  for (const Victim victim : {Victim::hook, Victim::runner, Victim::command, Victim::router, Victim::registry}) {
    kill_victim(victim);
  }
  try {
    engine_up();
    for (const char* what : {"docker rm -f -v $(docker ps -aq)", "docker network prune -f", "docker image prune -af"}) {
      static_cast<void>(run({.arguments = {"sh", "-c", what}, .environment = environment(false)}));
    }
  } catch (const std::exception&) {
  }
}

Environment World::environment(bool watched) const {
  Environment environment = clean_environment();
  environment["TEALHOOK_HOME"] = m_home.root.string();
  environment["GIT_CONFIG_GLOBAL"] = environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
  environment["PATH"] = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
  for (const char* role : {"AUTHOR", "COMMITTER"}) {
    environment[fmt::format("GIT_{}_NAME", role)] = "Ada";
    environment[fmt::format("GIT_{}_EMAIL", role)] = "ada@example.com";
  }
  return watched ? m_files.watched(std::move(environment)) : environment;
}

void World::write_settings(const std::string& timeout, std::uint16_t registry) const {
  write_file(m_home.settings(), fmt::format("engine: {{host: 'unix://{}', timeout: {}}}\n"
                                            "registry: {{address: 'localhost:{}'}}\n"
                                            "limits: {{min_free_disk: 1MiB}}\n"
                                            "router: {{kind: {}}}\n",
                                            (m_folder.path() / "engine.sock").string(), timeout, registry, m_router));
}

void World::set_app_settings(const std::string& app, std::string_view yaml) const {
  const AppSettings now = load_app_settings(m_home, app);
  std::string text = fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\n", now.ports.at(Color::blue),
                                 now.ports.at(Color::green));
  if (now.route.port != 0) {
    text += fmt::format("route: {{port: {}}}\n", now.route.port);
  }
  text += "health: {interval: 25ms, timeout: 1s, deadline: 8s}\n";
  write_file(m_home.app(app).settings(), text + without_retries(yaml));
}

Told World::run_told(std::vector<std::string> arguments, const fs::path& folder, bool watched) const {
  const Outcome outcome = run({.arguments = std::move(arguments),
                               .directory = folder,
                               .environment = environment(watched),
                               .deadline = k_deadline});
  return {.text = outcome.tail,
          .exit_code = outcome.signal ? 128 + *outcome.signal : outcome.exit_code,
          .ended = !outcome.timed_out};
}

Told World::tealhook(std::vector<std::string> arguments, bool watched) const {
  arguments.insert(arguments.begin(), (k_programs / "bin/tealhook").string());
  return run_told(std::move(arguments), "/", watched);
}

void World::tealhook_ok(const std::vector<std::string>& arguments) const {
  const Told told = tealhook(arguments);
  if (told.exit_code != 0) {
    throw std::runtime_error(fmt::format("'tealhook {}' failed: {}", join(arguments, " "), told.text));
  }
}

std::string World::new_version() {
  return fmt::format("v{}", ++m_count);
}

Told World::push(const std::string& app, std::string_view repository, const std::string& version, bool watched) {
  const fs::path project = m_folder.path() / "project";
  std::ofstream(project / "version") << version << "\n";
  const auto git = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    return std::string(
        trim(run_or_throw({.arguments = std::move(arguments), .directory = project, .environment = environment(false)})
                 .output));
  };
  git({"add", "-A"});
  git({"commit", "-q", "-m", "Say " + version});
  m_commits[version] = git({"rev-parse", "HEAD"});
  const fs::path to = m_home.app(app).root / fmt::format("{}.git", repository);
  Told told = run_told({"git", "push", to.string(), "main"}, project, watched);
  told.text = without_remote(told.text);
  told.by_push = true;
  return told;
}

std::string World::commit_of(const std::string& version) const {
  const auto found = m_commits.find(version);
  return found == m_commits.end() ? "?" : found->second;
}

std::string World::docker(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "docker");
  return std::string(trim(run_or_throw({.arguments = std::move(arguments), .environment = environment(false)}).output));
}

std::uint16_t World::port(const std::string& app, std::optional<Color> color) const {
  const AppSettings settings = load_app_settings(m_home, app);
  return color ? settings.ports.at(*color) : settings.route.port;
}

bool World::has_app(const std::string& app) const {
  return fs::exists(m_home.app(app).settings());
}

Serving World::serving(const std::string& app) const {
  if (!has_app(app)) {
    return {};
  }
  const AppSettings settings = load_app_settings(m_home, app);
  return {.live = settings.route.port == 0 ? "" : ask(settings.route.port),
          .blue = ask(settings.ports.at(Color::blue)),
          .green = ask(settings.ports.at(Color::green))};
}

Color World::live_color(const std::string& app) const {
  return serving(app).live.ends_with(" green") ? Color::green : Color::blue;
}

void World::engine_up() const {
  if (processes_of(Victim::engine).empty()) {
    fs::remove("/run/docker.pid");
    fs::remove("/run/docker/containerd/containerd.pid");
  }
  run_or_throw({.arguments = {k_private_host.string(), "engine", "start"}, .environment = environment(false)});
}

void World::set_engine_timeout(const std::string& timeout) const {
  write_settings(timeout, k_registry_port);
}

void World::registry_up() const {
  if (processes_of(Victim::registry).empty()) {
    write_settings(k_usual_timeout, k_real_registry_port);
    tealhook_ok({"registry", "up"});
    write_settings(k_usual_timeout, k_registry_port);
  }
}

bool World::await_rest() const {
  const auto deadline = std::chrono::steady_clock::now() + k_patience_for_rest;
  while (!processes_of(Victim::runner).empty() || !processes_of(Victim::hook).empty() ||
         !processes_of(Victim::command).empty()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

} // namespace teal
