#include "target/address.hpp"

#include "model/engine_url.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

namespace teal {

namespace {

constexpr const char* k_all_v4 = "0.0.0.0";
constexpr const char* k_all_v6 = "::";
constexpr std::uint16_t k_http_port = 80;
constexpr std::uint16_t k_https_port = 443;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// As a URL has it.
std::string host_of(const std::string& bind, const std::string& name) {
  const std::string host = bind == k_all_v4 || bind == k_all_v6 ? name : bind;
  return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host); // RFC 3986, section 3.2.2
}

} // namespace

std::string local_address(const std::string& bind) {
  if (bind == k_all_v6) {
    return "::1";
  }
  return bind == k_all_v4 ? "127.0.0.1" : bind;
}

std::string public_address(const AppSettings& settings, Color color, const std::string& host) {
  const std::string name = host.empty() ? host_name() : host;
  return fmt::format("http://{}:{}/", host_of(settings.bind, name), settings.ports.at(color));
}

std::string engine_address(const ServerSettings::Engine& engine) {
  const auto url = EngineUrl::parse(engine.host);
  if (!url || url->is_local()) {
    return "";
  }
  return engine.address.empty() ? url->host : engine.address;
}

std::string live_address(const ServerSettings::Router& router, const AppSettings& settings) {
  const RouteSettings& route = settings.route;
  if (route.port != 0) {
    return fmt::format("http://{}:{}/", host_of(settings.bind, host_name()), route.port);
  }
  if (route.hosts.empty()) {
    return "";
  }
  const bool tls = !route.certificate.empty() || route.tls == RouteSettings::Tls::automatic;
  const std::uint16_t port = tls ? router.tls_listen : router.listen;
  const std::string suffix = port == (tls ? k_https_port : k_http_port) ? "" : fmt::format(":{}", port);
  return fmt::format("{}://{}{}{}", tls ? "https" : "http", route.hosts.front(), suffix, route.path);
}

} // namespace teal
