#include "target/services.hpp"

#include "config/load.hpp"
#include "engine/registry_login.hpp"
#include "target/address.hpp"

namespace teal {

namespace {

std::optional<engine::Credentials> registry_credentials(const Home& home, const ServerSettings::Registry& settings) {
  const std::filesystem::path file = settings.credentials_file.empty()
                                         ? engine::RegistryServer::credentials_file(home.registry())
                                         : std::filesystem::path(settings.credentials_file);
  return engine::RegistryServer::read_credentials(file);
}

std::optional<RemotePorts> remote_ports(const Home& home, const ServerSettings::Engine& settings) {
  std::string address = engine_address(settings);
  if (address.empty()) {
    return std::nullopt;
  }
  constexpr const char* k_all = "0.0.0.0";
  const bool is_numeric = settings.address.find_first_not_of("0123456789.") == std::string::npos;
  return RemotePorts{.range = PortRange::parse(settings.ports).value(),
                     .address = std::move(address),
                     .bind = settings.address.empty() || !is_numeric ? k_all : settings.address,
                     .lock = home.build_locks() / "ports.lock"};
}

} // namespace

engine::EngineAccess engine_access(const Home& home, const ServerSettings::Engine& settings,
                                   const Environment& environment) {
  return {.host = settings.host,
          .ca = settings.ca,
          .certificate = settings.certificate,
          .key = settings.key,
          .known_hosts = settings.known_hosts,
          .folder = home.cache(),
          .environment = environment};
}

Services::Services(Home where, Environment variables, const Kinds& kinds)
    : home(std::move(where)), environment(std::move(variables)), settings(load_server_settings(home)),
      engine(engine_access(home, settings.engine, environment), settings.engine.timeout),
      cli(engine, settings.engine.cli, environment, home.cache()), images(engine),
      registry(settings.registry.address, registry_credentials(home, settings.registry)),
      docker(engine, {.range = Subnet::parse(settings.engine.address_pool).value(), .lock = home.network_lock()},
             remote_ports(home, settings.engine)),
      router(kinds.router(settings.router, home.router(), environment)), m_make_target(kinds.target),
      m_make_plain_target(kinds.plain_target) {}

Target& Services::target(std::string_view app) {
  const std::string& kind = kind_of_colors(app);
  auto& target = m_colors_targets[kind];
  if (!target) {
    target = m_make_target(kind, *this);
  }
  return *target;
}

/// Looked at again once they have changed: a daemon goes on over that, and a home may have a thousand apps.
const std::string& Services::kind_of_colors(std::string_view app) {
  std::error_code missing;
  const auto written = std::filesystem::last_write_time(home.app(app).settings(), missing);
  const auto known = m_kinds.find(app);
  if (known != m_kinds.end() && known->second.written == written) {
    return known->second.kind;
  }
  std::string kind = k_docker_target;
  try {
    const AppSettings app_settings = load_app_settings(home, app);
    if (app_settings.target != k_docker_target) {
      kind = to_string(app_settings.targets.at(app_settings.target).kind);
    }
  } catch (const Error&) { // whoever reads them says so
  }
  return m_kinds.insert_or_assign(std::string(app), KnownKind{written, std::move(kind)}).first->second.kind;
}

std::unique_ptr<PlainTarget> Services::plain_target(std::string_view app, const std::string& name) {
  const AppSettings app_settings = load_app_settings(home, app);
  require_target(app_settings, app, name);
  return m_make_plain_target({.app = std::string(app), .name = name, .settings = app_settings.targets.at(name)}, *this);
}

std::string Services::published_address(const std::string& bind) const {
  const std::string there = engine_address(settings.engine);
  return there.empty() ? local_address(bind) : there;
}

std::string Services::published_host() const {
  return router ? "" : engine_address(settings.engine);
}

std::string Services::image_repository(std::string_view app) const {
  return settings.registry.address + "/" + std::string(app);
}

std::string Services::registry_login() const {
  const std::string server = settings.registry.address.substr(0, settings.registry.address.find('/'));
  const auto known = registry_credentials(home, settings.registry);
  std::string login;
  try {
    login = engine::registry_login(server, environment);
  } catch (const Error&) {
    if (!known) {
      throw;
    }
  }
  return login.empty() && known ? engine::registry_login(*known, server) : login;
}

engine::RegistryServer Services::registry_server() {
  return {engine,
          cli,
          environment,
          {.address = settings.registry.address,
           .listen = settings.registry.listen,
           .htpasswd = settings.registry.auth == "htpasswd",
           .folder = home.registry(),
           .home = home.root.string()}};
}

} // namespace teal
