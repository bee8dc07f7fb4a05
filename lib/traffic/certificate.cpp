#include "traffic/certificate.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "route/router_factory.hpp"

#include <fmt/format.h>

namespace teal {

std::optional<http::Certificate> given_certificate(const RouteSettings& settings) {
  if (settings.certificate.empty() != settings.key.empty()) {
    throw Error(ErrorKind::settings, "route.certificate and route.key belong together: give both or none");
  }
  if (settings.certificate.empty()) {
    return std::nullopt;
  }
  const std::string certificate = read_file(settings.certificate);
  const std::string key = read_file(settings.key);
  try {
    return http::read_certificate(certificate, key);
  } catch (const Error& error) {
    throw Error(ErrorKind::settings, fmt::format("route.certificate '{}', route.key '{}': {}", settings.certificate,
                                                 settings.key, error.message()));
  }
}

std::optional<route::Tls> tls_for(const RouteSettings& settings, ServerSettings::Router::Kind router) {
  if (settings.hosts.empty()) {
    return std::nullopt;
  }
  if (const auto certificate = given_certificate(settings)) {
    return route::Tls{
        .certificate = settings.certificate, .key = settings.key, .digest = certificate->digest, .automatic = false};
  }
  if (settings.tls != RouteSettings::Tls::automatic) {
    return std::nullopt;
  }
  if (!route::describe_router(router).gets_certificates) {
    throw Error(ErrorKind::settings,
                fmt::format("route.tls: automatic: only {} gets certificates by itself; give route.certificate and "
                            "route.key",
                            route::routers_with(&route::RouterDescription::gets_certificates)));
  }
  return route::Tls{.certificate = "", .key = "", .digest = "", .automatic = true};
}

} // namespace teal
