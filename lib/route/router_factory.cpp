#include "route/router_factory.hpp"

#include "route/caddy.hpp"
#include "route/haproxy.hpp"
#include "route/nginx.hpp"

namespace teal::route {

std::unique_ptr<Router> make_router(const ServerSettings::Router& settings, const std::filesystem::path& folder,
                                    const Environment& environment) {
  using Kind = ServerSettings::Router::Kind;
  switch (settings.kind) {
  case Kind::haproxy:
    return std::make_unique<Haproxy>(settings, folder, environment);
  case Kind::nginx:
    return std::make_unique<Nginx>(settings, folder, environment);
  case Kind::caddy:
    return std::make_unique<Caddy>(settings, folder, environment);
  case Kind::none:
    break;
  }
  return nullptr;
}

} // namespace teal::route
