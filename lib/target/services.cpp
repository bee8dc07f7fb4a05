#include "target/services.hpp"

#include "config/load.hpp"

namespace teal {

namespace {

std::optional<engine::Credentials> registry_credentials(const Home& home, const ServerSettings::Registry& settings) {
  const std::filesystem::path file = settings.credentials_file.empty()
                                         ? engine::RegistryServer::credentials_file(home.registry())
                                         : std::filesystem::path(settings.credentials_file);
  return engine::RegistryServer::read_credentials(file);
}

} // namespace

Services::Services(Home where, Environment variables, const Kinds& kinds)
    : home(std::move(where)), environment(std::move(variables)), settings(load_server_settings(home)),
      engine(settings.engine.host, settings.engine.timeout),
      cli(engine, settings.engine.cli, environment, home.cache()), images(engine),
      registry(settings.registry.address, registry_credentials(home, settings.registry)),
      docker(engine, {.range = Subnet::parse(settings.engine.address_pool).value(), .lock = home.network_lock()}),
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
