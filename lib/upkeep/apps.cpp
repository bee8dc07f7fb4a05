#include "upkeep/apps.hpp"

#include "config/edit.hpp"
#include "config/load.hpp"
#include "git/hook.hpp"
#include "host/port_trial.hpp"
#include "host/socket_table.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"
#include "process/temporary.hpp"
#include "upkeep/app_lock.hpp"
#include "upkeep/port_index.hpp"
#include "upkeep/retention.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t k_first_port = 50100;
constexpr std::uint16_t k_last_port = 60999;

/// Each port with who has it.
using PortHolders = std::map<std::uint16_t, std::string>;

void add_ports_of_apps(PortHolders& holders, const Home& home) {
  for (const auto& [app, ports] : ports_of_apps(home)) {
    for (const std::uint16_t port : ports) {
      holders.emplace(port, fmt::format("app '{}'", app));
    }
  }
}

/// What the engine has that a new app must keep clear of.
struct EngineView {
  std::vector<engine::ContainerSummary> containers;
  std::optional<engine::Labels> network; ///< of the one that the app would have
};

/// An app can be made before the engine runs; then only what listens is known.
EngineView look_at_engine(Services& services, std::string_view app) {
  try {
    return {services.docker.containers().list({}), services.docker.networks().labels(network_name(app))};
  } catch (const Error&) {
    return {};
  }
}

/// Two homes may share an engine, but there an app's parts are named after the app alone.
void require_no_namesake(const Home& home, const std::string& app, const EngineView& view) {
  const auto require_ours = [&](const engine::Labels& labels) {
    const auto of_app = labels.find(label::k_app);
    const auto of_home = labels.find(label::k_home);
    if (of_app != labels.end() && of_app->second == app && of_home != labels.end() && of_home->second != home.root) {
      throw Error(ErrorKind::usage, fmt::format("the home '{}', which uses this engine too, has an app '{}' already; "
                                                "give this one another name",
                                                of_home->second, app));
    }
  };
  for (const auto& container : view.containers) {
    require_ours(container.labels);
  }
  require_ours(view.network.value_or(engine::Labels()));
}

void add_ports_of_containers(PortHolders& holders, const EngineView& view) {
  for (const auto& container : view.containers) {
    for (const auto& binding : container.ports) {
      holders.emplace(binding.host_port, fmt::format("container '{}'", container.name));
    }
  }
}

class PortChooser {
public:
  /// Of ports that will be published on `address`.
  PortChooser(const Home& home, const EngineView& view, std::string address) : m_address(std::move(address)) {
    add_ports_of_apps(m_taken, home);
    add_ports_of_containers(m_taken, view);
    for (const TcpListener& listener : tcp_listeners(::getpid())) {
      m_listening.insert(listener.port);
    }
  }

  std::uint16_t take(std::optional<std::uint16_t> wanted) {
    if (wanted && !is_free(*wanted)) {
      const auto by = m_taken.find(*wanted);
      throw Error(ErrorKind::usage, fmt::format("port {} is taken by {}", *wanted,
                                                by == m_taken.end() ? describe_holder(*wanted) : by->second));
    }
    const std::uint16_t port = wanted ? *wanted : first_free();
    m_taken.emplace(port, "the same app");
    return port;
  }

private:
  [[nodiscard]] bool is_free(std::uint16_t port) const {
    return !m_taken.contains(port) && !m_listening.contains(port) && try_listening(m_address, port) != EADDRINUSE;
  }
  [[nodiscard]] std::uint16_t first_free() const {
    for (std::uint16_t port = k_first_port; port <= k_last_port; ++port) {
      if (is_free(port)) {
        return port;
      }
    }
    throw Error(ErrorKind::environment, fmt::format("no port from {} to {} is free", k_first_port, k_last_port));
  }

  PortHolders m_taken;
  std::set<std::uint16_t> m_listening; ///< that some program does, on whatever address
  std::string m_address;
};

/// Those asked for come first, so that none which is chosen gets in their way.
void choose_ports(const Services& services, const EngineView& view, const NewApp& app, AppSettings& settings) {
  struct Choice {
    std::optional<std::uint16_t> wanted;
    std::uint16_t& port;
  };
  std::vector<Choice> choices{{app.green_port, settings.ports[Color::green]},
                              {app.blue_port, settings.ports[Color::blue]}};
  if (services.router || app.live_port) {
    choices.push_back({app.live_port, settings.route.port});
  }
  PortChooser chooser(services.home, view, settings.bind);
  for (const bool asked_for : {true, false}) {
    for (const Choice& choice : choices) {
      if (choice.wanted.has_value() == asked_for) {
        choice.port = chooser.take(choice.wanted);
      }
    }
  }
}

/// A folder that is removed unless it was moved to its place.
class NewFolder {
public:
  explicit NewFolder(const fs::path& parent) {
    files::create_directories(parent);
    std::string name = temporary_name(parent, ".new");
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorKind::environment,
                  fmt::format("cannot make a folder in '{}': {}", parent.string(), system_reason(errno)));
    }
    m_path = name;
    files::set_permissions(m_path, fs::perms(0755));
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code gone;
    fs::remove_all(m_path, gone);
  }

  [[nodiscard]] const fs::path& path() const { return m_path; }
  void move_to(const fs::path& place) const { files::rename(m_path, place); }

private:
  fs::path m_path;
};

void require_new_name(const Home& home, std::string_view name) {
  const AppFolder folder = home.app(name);
  if (files::exists(folder.settings())) {
    throw Error(ErrorKind::usage, fmt::format("app '{}' is there already; see: tealhook app show {}", name, name));
  }
  if (files::is_there(folder.root)) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' is in the way, and no app: it has no app.yml; move it away", folder.root.string()));
  }
}

FileLock acquire_creation_lock(const Home& home) {
  files::create_directories(home.build_locks());
  if (auto lock = FileLock::acquire_any({home.creation_lock()}, std::chrono::seconds(30))) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, "another app is being made; try again");
}

/// A clone of some depth can be pushed, too: what it brings is all that a deployment needs.
git::Repository create_repository(const fs::path& path, const std::string& branch) {
  auto repository = git::Repository::create_bare(path, branch);
  repository.set_config("receive.shallowUpdate", "true");
  return repository;
}

void fill_folder(const AppFolder& folder, const Home& home, const NewApp& app, const AppSettings& settings,
                 const Installation& installation) {
  for (const Color color : k_colors) {
    auto repository = create_repository(folder.repository(color), settings.branches.front());
    git::install_hooks(repository, {home.root, app.name, color}, installation.hooks());
    files::create_directories(folder.work_tree(color));
  }
  auto live = create_repository(folder.live_repository(), settings.branches.front());
  git::install_hooks(live, {home.root, app.name, Destination::live()}, installation.hooks());
  files::create_directories(folder.logs());
  write_file(folder.settings(), app_settings_template(settings));
}

/// Returns what of them stays, in words.
std::vector<std::string> discard_releases(Services& services, History& history, std::string_view app) {
  try {
    for (const Release& release : history.releases_of(app, k_docker_target)) {
      services.target(app).discard(release, {});
    }
    return {};
  } catch (const Error& error) { // a registry that is away is so for all of them
    return {fmt::format("what is kept of its releases stays: {}", error.message())};
  }
}

/// Those without colors.
std::set<std::string> targets_with_releases(const History& history, std::string_view app) {
  std::set<std::string> names;
  for (const Release& release : history.releases(app)) {
    names.insert(release.target);
  }
  names.erase(k_docker_target);
  return names;
}

} // namespace

AppSettings create_app(Services& services, Store& store, const Installation& installation, const NewApp& app) {
  const Home& home = services.home;
  require_app_name(app.name);
  return while_doing(fmt::format("making app '{}'", app.name), [&] {
    const FileLock lock = acquire_creation_lock(home);
    require_new_name(home, app.name);
    const EngineView view = look_at_engine(services, app.name);
    require_no_namesake(home, app.name, view);
    AppSettings settings;
    settings.container_port = app.container_port;
    choose_ports(services, view, app, settings);
    const NewFolder fresh(home.cache());
    fill_folder({fresh.path()}, home, app, settings, installation);
    files::create_directories(home.apps());
    fresh.move_to(home.app(app.name).root);
    store.actions.add({.app = app.name,
                       .verb = "create",
                       .who = app.by.text(),
                       .at = {},
                       .text = fmt::format("the app, blue on port {} and green on port {}",
                                           settings.ports.at(Color::blue), settings.ports.at(Color::green)),
                       .origin = app.by.origin});
    return settings;
  });
}

std::vector<LivePort> give_live_ports(Services& services) {
  const Home& home = services.home;
  const FileLock lock = acquire_creation_lock(home);
  std::vector<LivePort> given;
  for (const std::string& app : list_apps(home)) {
    const AppSettings settings = load_app_settings(home, app);
    if (settings.route.port != 0 || !settings.route.hosts.empty()) {
      continue;
    }
    const std::uint16_t port = PortChooser(home, look_at_engine(services, app), settings.bind).take(std::nullopt);
    const fs::path file = home.app(app).settings();
    write_file(file, edit_settings({file.string(), read_file(file)}, "route.port", std::to_string(port)));
    given.push_back({app, port});
  }
  return given;
}

std::vector<std::string> remove_app(Services& services, Store& store, std::string_view app, const Principal& by) {
  const AppFolder folder = services.home.app(app);
  const FileLock lock = acquire_app_lock(folder, store.queue, app);
  services.engine.version();
  if (services.router) {
    services.router->replace(app, {});
  }
  std::vector<std::string> left = discard_releases(services, store.history, app);
  for (const std::string& target : targets_with_releases(store.history, app)) {
    left.push_back(fmt::format("what runs on '{}' stays as it is", target));
  }
  for (const std::string& name : services.target(app).remove(app)) {
    left.push_back(fmt::format("'{}' stays in the engine: a container that is not ours uses it", name));
  }
  store.history.forget_app(app);
  store.actions.add(
      {.app = std::string(app), .verb = "remove", .who = by.text(), .at = {}, .text = "the app", .origin = by.origin});
  files::remove_all(folder.root); // last: until then it can be removed again
  return left;
}

} // namespace teal
