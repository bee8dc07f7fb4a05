#include "deploy/apps.hpp"

#include "config/load.hpp"
#include "deploy/retention.hpp"
#include "git/hook.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/port_owner.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t k_first_port = 50100;
constexpr std::uint16_t k_last_port = 60999;

/// Ports that the home's apps have, with the app's name.
std::map<std::uint16_t, std::string> ports_of_apps(const Home& home) {
  std::map<std::uint16_t, std::string> taken;
  for (const std::string& app : list_apps(home)) {
    for (const auto& [color, port] : load_app_settings(home, app).ports) {
      taken.emplace(port, app);
    }
  }
  return taken;
}

class PortChooser {
public:
  explicit PortChooser(const Home& home) : m_taken(ports_of_apps(home)) {}

  /// Who has the port, or nothing.
  [[nodiscard]] std::optional<std::string> holder(std::uint16_t port) const {
    if (const auto app = m_taken.find(port); app != m_taken.end()) {
      return fmt::format("app '{}'", app->second);
    }
    if (const auto owner = find_port_owner(port)) {
      return owner->pid == 0 ? "another user's program" : fmt::format("pid {} ({})", owner->pid, owner->program);
    }
    return std::nullopt;
  }

  std::uint16_t take(std::optional<std::uint16_t> wanted) {
    const std::uint16_t port = wanted ? *wanted : first_free();
    if (const auto by = holder(port)) {
      throw Error(ErrorKind::usage, fmt::format("port {} is taken by {}", port, *by));
    }
    m_taken.emplace(port, "of this command");
    return port;
  }

private:
  [[nodiscard]] std::uint16_t first_free() const {
    for (std::uint16_t port = k_first_port; port <= k_last_port; ++port) {
      if (!holder(port)) {
        return port;
      }
    }
    throw Error(ErrorKind::environment, fmt::format("no port from {} to {} is free", k_first_port, k_last_port));
  }

  std::map<std::uint16_t, std::string> m_taken;
};

/// A folder that is removed unless it was moved to its place.
class NewFolder {
public:
  explicit NewFolder(const fs::path& parent) {
    fs::create_directories(parent);
    std::string name = (parent / ".new-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(ErrorKind::environment, fmt::format("cannot make a folder in '{}'", parent.string()));
    }
    m_path = name;
    fs::permissions(m_path, fs::perms(0755));
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code gone;
    fs::remove_all(m_path, gone);
  }

  [[nodiscard]] const fs::path& path() const { return m_path; }
  void move_to(const fs::path& place) const { fs::rename(m_path, place); }

private:
  fs::path m_path;
};

void require_new_name(const Home& home, std::string_view name) {
  require_app_name(name);
  if (fs::exists(home.app(name).root)) {
    throw Error(ErrorKind::usage, fmt::format("app '{}' is there already; see: tealhook app show {}", name, name));
  }
}

void fill_folder(const AppFolder& folder, const Home& home, const NewApp& app, const AppSettings& settings,
                 const Installation& installation) {
  for (const Color color : k_colors) {
    auto repository = git::Repository::create_bare(folder.repository(color), settings.branches.front());
    git::install_hook(repository, {home.root, app.name, color}, installation.hook("post-receive"));
    fs::create_directories(folder.work_tree(color));
  }
  fs::create_directories(folder.logs());
  write_file(folder.settings(), app_settings_template(settings));
}

void remove_from_engine(Services& services, std::string_view app) {
  for (const Color color : k_colors) {
    services.docker.remove_all(services.slot(app, color));
  }
  services.docker.networks().remove(network_name(app));
  const std::string repository = services.image_repository(app);
  for (const auto& image : services.images.list(repository)) {
    remove_image(services.images, repository, image.id);
  }
}

/// The registry may be away for good; then there is nothing to remove from it.
void remove_from_registry(Services& services, History& history, std::string_view app) {
  try {
    for (const Release& release : history.releases(app)) {
      services.registry.remove_manifest(std::string(app), release.digest);
    }
  } catch (const Error&) {
  }
}

} // namespace

AppSettings create_app(Services& services, const Installation& installation, const NewApp& app) {
  const Home& home = services.home;
  require_new_name(home, app.name);
  PortChooser ports(home);
  AppSettings settings;
  settings.container_port = app.container_port;
  settings.ports[Color::green] = ports.take(app.green_port);
  settings.ports[Color::blue] = ports.take(app.blue_port);
  return while_doing(fmt::format("making app '{}'", app.name), [&] {
    try {
      const NewFolder fresh(home.cache());
      fill_folder({fresh.path()}, home, app, settings, installation);
      fs::create_directories(home.apps());
      fresh.move_to(home.app(app.name).root);
    } catch (const fs::filesystem_error& error) {
      throw Error(ErrorKind::environment,
                  fmt::format("cannot write to '{}': {}", error.path1().string(), error.code().message()));
    }
    return settings;
  });
}

void remove_app(Services& services, Store& store, std::string_view app) {
  const AppFolder folder = services.home.app(app);
  const auto lock = FileLock::try_acquire(folder.lock());
  if (!lock) {
    throw Error(ErrorKind::busy, fmt::format("a deployment of '{}' runs; wait for it: tealhook logs {} -f", app, app));
  }
  services.engine.version();
  remove_from_engine(services, app);
  remove_from_registry(services, store.history, app);
  store.history.forget_app(app);
  fs::remove_all(folder.root);
}

} // namespace teal
