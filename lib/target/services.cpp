#include "target/services.hpp"

#include "config/load.hpp"
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

Target& Services::target(std::string_view /*app*/) {
  if (!m_colors_target) {
    m_colors_target = m_make_target(k_docker_target, *this);
  }
  return *m_colors_target;
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
