#include "route/caddy.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "host/listener_hold.hpp"
#include "process/atomic_file.hpp"
#include "route/caddy_config.hpp"
#include "route/kept_file.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <utility>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds k_patience_for_handshakes{500}; ///< a way to the other end of the world and back
constexpr std::size_t k_quoted_answer = 500;
constexpr const char* k_config_file = "caddy.json";

Environment with_folder(Environment environment, const fs::path& folder) {
  for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"}) {
    environment[name] = folder.string();
  }
  return environment;
}

/// Between listeners of one port; Linux 5.14 and later.
bool hands_waiting_connections_over() {
  std::string value;
  std::getline(std::ifstream("/proc/sys/net/ipv4/tcp_migrate_req"), value);
  return value == "1";
}

} // namespace

RouterDescription caddy_description() {
  return {.can_weigh = false, .gets_certificates = true, .make = make<Caddy>};
}

Caddy::Caddy(const ServerSettings::Router& settings, const fs::path& folder, const Environment& environment)
    : SignpostRouter(settings, folder,
                     {.name = "caddy",
                      .arguments = {"run", "--config", (folder / k_config_file).string()},
                      .ending = SIGTERM}, // it ends its requests first
                     with_folder(environment, folder)) {
  if (!settings.config.empty()) {
    throw Error(ErrorKind::settings,
                "router.config: a Caddy of somebody else's cannot include our part by its API; leave "
                "it empty for a Caddy of tealhook's own, beside yours");
  }
}

/// The mark alone, of a configuration that may be large.
http::Request Caddy::question() const {
  return {.target = "/config/apps/http/@id", .headers = {{"Host", "localhost"}}};
}

std::string Caddy::version() const {
  return fmt::format("Caddy {}", split(trim(process().ask({"version"}).output), ' ').front());
}

std::string Caddy::advice() const {
  constexpr const char* k_anew = "Caddy opens its ports anew with each app that comes or goes, and";
  if (!hands_waiting_connections_over()) {
    return fmt::format("{} connections that wait at the old ones are reset, unless the kernel hands them over: sysctl "
                       "-w net.ipv4.tcp_migrate_req=1",
                       k_anew);
  }
  if (const auto running = pid(); running && !may_hold_listeners(*running)) {
    return fmt::format("{} a connection made at that very moment can be reset, unless tealhook may hold the old ones: "
                       "as root, or with sysctl -w kernel.yama.ptrace_scope=0",
                       k_anew);
  }
  return "";
}

/// With every configuration Caddy opens its ports anew, and closes the sockets it had there; those that were connecting
/// meanwhile are waited for. It also replaces the socket that it is told by, at times before it has answered.
void Caddy::take_over(std::uint64_t generation) const {
  const ListenerHold held(pid().value_or(0));
  load(generation);
  held.await_handshakes(k_patience_for_handshakes);
}

void Caddy::load(std::uint64_t generation) const {
  std::optional<http::Response> response;
  try {
    response = ask({.method = "POST",
                    .target = "/load",
                    .headers = {{"Host", "localhost"}, {"Content-Type", "application/json"}},
                    .body = read_file(folder() / k_config_file)});
  } catch (const Error&) {
    await(generation, [] { return true; });
    return;
  }
  if (response->status != 200) {
    throw Error(ErrorKind::environment, fmt::format("Caddy refuses its configuration: {}",
                                                    shorten(printable(trim(response->body)), k_quoted_answer)));
  }
}

std::vector<fs::path> Caddy::config_files() const {
  return {folder() / k_config_file};
}

void Caddy::write_configuration(const RoutingTable& table, std::uint64_t generation) const {
  write_generated(folder() / k_config_file, caddy_config(table, settings(), folder(), generation));
}

} // namespace teal::route
