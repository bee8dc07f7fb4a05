#include "upkeep/checkup.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "engine/registry_login.hpp"
#include "git/hook.hpp"
#include "host/port_trial.hpp"
#include "model/image_reference.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "target/docker/preflight.hpp"
#include "target/plan.hpp"
#include "traffic/certificate.hpp"
#include "traffic/router_start.hpp"
#include "traffic/ways_in.hpp"
#include "upkeep/lives.hpp"
#include "upkeep/own_repositories.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace teal {

namespace {

constexpr std::size_t k_few_subnets = 64; ///< fewer than one of so many left is worth a word in time

/// `look` returns what it found, or throws what is wrong.
Finding find(const std::string& subject, const std::function<std::string()>& look) {
  try {
    return {true, subject, look()};
  } catch (const Error& error) {
    return {false, subject, error.message()};
  } catch (const std::exception& error) {
    return {false, subject, error.what()};
  }
}

std::string look_at_cli(Services& services) {
  const auto& facts = services.cli.facts();
  const std::string_view advice =
      facts.builder == engine::Builder::classic ? "; builds are slower than with BuildKit: install docker-buildx" : "";
  return fmt::format("{} {}, builds with {}{}", facts.program.string(), facts.version,
                     to_string(services.cli.builder()), advice);
}

std::string look_at_engine(Services& services) {
  const auto& version = services.engine.version();
  if (!services.engine.is_private()) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' answers, to whoever reaches it, as root of its host: use ssh://, or TLS with "
                            "engine.ca, engine.certificate and engine.key",
                            services.engine.host()));
  }
  return fmt::format("{} at {}, API {}", version.engine, services.engine.host(), version.api);
}

/// Of another host, which "localhost" means something else to.
std::string look_at_registry_from_engine(Services& services) {
  const std::string& registry = services.settings.registry.address;
  const ImageReference nothing = ImageReference::require(services.image_repository("tealhook-check") + ":none");
  static_cast<void>(services.images.digest_at_registry(
      nothing.text(), engine::registry_login(nothing.registry(), services.environment)));
  return fmt::format("the engine's host reaches {}", registry);
}

std::string look_at_disk(Services& services) {
  require_free_disk(services);
  return fmt::format("{} free under '{}', at least {} wanted", format_size(files::available_space(services.home.root)),
                     services.home.root.string(), format_size(services.settings.limits.min_free_disk));
}

std::string look_at_addresses(Services& services) {
  const engine::PoolUse use = services.docker.networks().pool_use();
  if (use.left <= use.size / k_few_subnets) {
    throw Error(ErrorKind::environment, fmt::format("{}: {}", describe(use), describe_shortage(use)));
  }
  return describe(use);
}

std::string look_at_router(Services& services) {
  require_router_wanted(services);
  if (const std::string before = describe_predecessor(services); !before.empty()) {
    throw Error(ErrorKind::environment, before);
  }
  if (!services.router->is_running()) {
    throw Error(ErrorKind::environment,
                "the router does not run; whoever needs it next starts it, or: tealhook recover");
  }
  const route::RouterStatus status = services.router->status();
  if (!status.complaint.empty()) {
    throw Error(ErrorKind::environment, status.complaint);
  }
  return fmt::format("{} runs, pid {}", status.version, status.pid);
}

/// `destination`: "blue", "green" or "live".
std::string look_at_repository(const Home& home, const Installation& installation, std::string_view app,
                               const std::filesystem::path& path, std::string_view destination) {
  const auto repository = git::Repository::open(path);
  const auto binding = git::read_binding(repository);
  const bool bound =
      binding && binding->home == home.root && binding->app == app && binding->destination.text() == destination;
  if (!bound || !git::are_installed(repository, installation.hooks())) {
    throw Error(ErrorKind::settings, fmt::format("its hooks are missing, another program's, or of another home; run: "
                                                 "tealhook hook install {} --app {} --color {}",
                                                 repository.path().string(), app, destination));
  }
  return fmt::format("a push to '{}' deploys {}", repository.path().string(),
                     destination == "live" ? "the idle color" : "it");
}

std::string look_at_own_repository(const Home& home, const Installation& installation, std::string_view app,
                                   const std::filesystem::path& path) {
  const git::HookBinding binding = require_own_repository(home, app, path);
  return look_at_repository(home, installation, app, path, binding.destination.text());
}

/// The color's containers that have ended ever. Throws Error if one does not run, or ended a moment ago: what restarts
/// is a fault while it goes on, and a fact afterwards.
std::string look_at_lives(Services& services, const engine::Container& web, const Slot& slot) {
  std::vector<engine::Container> all{web};
  for (const Slot& other : services.docker.others(slot)) {
    auto found = other.process == k_task_process ? std::nullopt : services.docker.find_current(other);
    if (found) {
      all.push_back(std::move(*found));
    }
  }
  std::vector<std::string> troubles;
  std::string past;
  for (const engine::Container& container : all) {
    const Lives lives = lives_of(services.docker.containers(), container);
    const TimePoint now = SystemClock().now();
    const std::string text = fmt::format("'{}' {}", container.name, describe(lives, now));
    if (is_in_trouble(lives, now)) {
      troubles.push_back(fmt::format("{}; see why: docker logs {}", text, container.name));
    } else if (lives.restarts > 0) {
      past += "; " + text;
    }
  }
  if (!troubles.empty()) {
    throw Error(ErrorKind::environment, join(troubles, "; "));
  }
  return past;
}

/// Between two lives, too, when the engine lists it with those that publish nothing.
bool keeps_port(const SlotContainers& found, std::uint16_t port) {
  return found.current_has_port() && found.current->is_alive() &&
         std::any_of(found.current->ports.begin(), found.current->ports.end(),
                     [&](const engine::PortBinding& binding) { return binding.host_port == port; });
}

std::string look_at_slot(Services& services, const Slot& slot, const AppSettings& settings) {
  const std::uint16_t port = settings.ports.at(slot.color);
  const SlotContainers found = services.docker.find(slot);
  const auto& current = found.current;
  if (!services.router && !keeps_port(found, port)) {
    require_port(services, slot, port);
  }
  if (!current) {
    return services.router ? "nothing runs yet" : fmt::format("nothing runs yet; port {} is free", port);
  }
  return fmt::format("'{}' runs on port {}{}", current->name, port, look_at_lives(services, *current, slot));
}

/// Of colors that are no containers of the engine.
std::string look_at_color(Services& services, const Slot& slot, const AppSettings& settings) {
  if (const auto obstacles = services.target(slot.app).obstacles(slot, settings); !obstacles.empty()) {
    throw Error(obstacles.front());
  }
  const auto current = services.target(slot.app).current(slot);
  if (!current) {
    return "nothing runs yet";
  }
  if (!current->runs) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is {}", current->name, current->state));
  }
  return fmt::format("'{}' serves port {}: {}", current->name, settings.ports.at(slot.color), current->state);
}

std::string look_at_rules(const Home& home, std::string_view app) {
  const std::string file = home.app(app).settings().string();
  const auto unreachable = find_unreachable_rules({file, read_file(file)});
  if (!unreachable.empty()) {
    throw Error(ErrorKind::settings, join(unreachable, "; "));
  }
  return "each of them can match";
}

std::string look_at_ports(Services& services, const std::string& app, const AppSettings& settings) {
  if (services.router) {
    // The certificate has a finding of its own; here counts that there is to be one.
    const bool has_tls = !settings.route.certificate.empty() || settings.route.tls == RouteSettings::Tls::automatic;
    require_ways_in(services, app, settings, has_tls ? std::optional(route::Tls()) : std::nullopt);
  }
  std::vector<std::string> ports;
  std::vector<std::string> unprotected;
  const auto look = [&](std::uint16_t port) {
    ports.push_back(std::to_string(port));
    if (may_go_to_connections(port)) {
      unprotected.push_back(ports.back());
    }
  };
  for (const auto& [color, port] : settings.ports) {
    look(port);
  }
  if (settings.route.port != 0) {
    look(settings.route.port);
  }
  return unprotected.empty() ? join(ports, ", ")
                             : fmt::format("{}; while nobody listens there an outgoing connection may take one for "
                                           "itself: add {} to the sysctl net.ipv4.ip_local_reserved_ports",
                                           join(ports, ", "), join(unprotected, ","));
}

std::string look_at_certificate(const Services& services, const AppSettings& settings) {
  if (!tls_for(settings.route, services.settings.router.kind)) {
    return "none: its hosts are served without TLS";
  }
  const auto certificate = given_certificate(settings.route);
  if (!certificate) {
    return "automatic: the router gets it";
  }
  if (certificate->expires <= SystemClock().now()) {
    throw Error(ErrorKind::settings, fmt::format("'{}' expired at {}; once there is another there: tealhook recover",
                                                 settings.route.certificate, format_time(certificate->expires)));
  }
  return fmt::format("'{}' is valid until {}", settings.route.certificate, format_time(certificate->expires));
}

/// Of a target that runs them.
std::string look_at_colors(Services& services, std::string_view app, const AppSettings& settings,
                           const std::string& name) {
  if (settings.target != name) {
    return fmt::format("is not used: blue and green are run by '{}' (target)", settings.target);
  }
  if (const auto obstacles = services.target(app).obstacles(services.slot(app, Color::blue), settings);
      !obstacles.empty()) {
    throw Error(obstacles.front());
  }
  return fmt::format("runs blue and green, as {} does", to_string(settings.targets.at(name).kind));
}

} // namespace

std::vector<Finding> check_server(Services& services) {
  std::vector<Finding> findings{find("engine", [&] { return look_at_engine(services); }),
                                find("command line", [&] { return look_at_cli(services); }),
                                find("registry",
                                     [&] {
                                       require_registry(services);
                                       return fmt::format("answers at {}", services.settings.registry.address);
                                     }),
                                find("disk", [&] { return look_at_disk(services); }),
                                find("addresses", [&] { return look_at_addresses(services); })};
  if (!services.engine.is_local()) {
    findings.push_back(find("registry, from the engine", [&] { return look_at_registry_from_engine(services); }));
  }
  if (services.router) {
    findings.push_back(find("router", [&] { return look_at_router(services); }));
  }
  return findings;
}

std::vector<Finding> check_app(Services& services, const Store& store, const Installation& installation,
                               std::string_view app) {
  std::vector<Finding> findings;
  AppSettings settings;
  findings.push_back(find(fmt::format("{}: settings", app), [&] {
    settings = load_app_settings(services.home, app);
    return fmt::format("'{}' is in order", services.home.app(app).settings().string());
  }));
  if (!findings.back().good) {
    return findings;
  }
  if (!settings.rules.empty()) {
    findings.push_back(find(fmt::format("{}: rules", app), [&] { return look_at_rules(services.home, app); }));
  }
  findings.push_back(
      find(fmt::format("{}: ports", app), [&] { return look_at_ports(services, std::string(app), settings); }));
  const AppFolder folder = services.home.app(app);
  const auto look_at_remote = [&](std::string_view destination, const std::filesystem::path& repository) {
    findings.push_back(find(fmt::format("{}: {}.git", app, destination), [&] {
      return look_at_repository(services.home, installation, app, repository, destination);
    }));
  };
  if (services.router) {
    look_at_remote("live", folder.live_repository());
    if (!settings.route.hosts.empty()) {
      findings.push_back(
          find(fmt::format("{}: certificate", app), [&] { return look_at_certificate(services, settings); }));
    }
  }
  for (const Color color : k_colors) {
    look_at_remote(to_string(color), folder.repository(color));
    const auto look = services.runs_in_containers(app) ? look_at_slot : look_at_color;
    findings.push_back(find(fmt::format("{}: {}", app, to_string(color)),
                            [&] { return look(services, services.slot(app, color), settings); }));
  }
  for (const auto& [name, target] : settings.targets) {
    findings.push_back(find(fmt::format("{}: {}", app, name), [&, name = name] {
      return settings.targets.at(name).has_colors() ? look_at_colors(services, app, settings, name)
                                                    : services.plain_target(app, name)->check();
    }));
  }
  for (const auto& path : store.repositories.list(app)) {
    findings.push_back(find(fmt::format("{}: {}", app, path.string()),
                            [&] { return look_at_own_repository(services.home, installation, app, path); }));
  }
  return findings;
}

} // namespace teal
