#include "route/caddy.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "host/listener_hold.hpp"
#include "process/atomic_file.hpp"
#include "route/caddy_config.hpp"
#include "route/entrance.hpp"
#include "route/farewell.hpp"
#include "route/generation.hpp"
#include "route/kept_file.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience(15);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_patience_for_handshakes{500}; ///< a way to the other end of the world and back
constexpr Milliseconds k_pause{5};                     ///< Caddy tells nobody that it is ready
constexpr std::size_t k_quoted_answer = 500;

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

Caddy::Caddy(const ServerSettings::Router& settings, fs::path folder, Environment environment)
    : m_settings(settings), m_folder(std::move(folder)),
      m_process("caddy", m_folder, with_folder(std::move(environment), m_folder)), m_tables(m_folder),
      m_signposts(signposts_in(m_folder)), m_connections(m_folder), m_certificates(m_folder) {
  if (!settings.config.empty()) {
    throw Error(ErrorKind::settings,
                "router.config: a Caddy of somebody else's cannot include our part by its API; leave "
                "it empty for a Caddy of tealhook's own, beside yours");
  }
}

http::Response Caddy::ask(std::string_view method, const std::string& target, const std::string& body) const {
  http::Client client({http::Endpoint::Kind::unix_socket, (m_folder / "caddy.sock").string(), 0});
  return client.request(
      {.method = std::string(method),
       .target = target,
       .headers = {{"Host", "localhost"}, {"Content-Type", "application/json"}, {"Connection", "close"}},
       .body = body},
      {.total = k_patience});
}

std::optional<Running> Caddy::running() const {
  try {
    return find_running(ask("GET", "/config/").body);
  } catch (const Error&) { // none listens
    return std::nullopt;
  }
}

void Caddy::up(const Check& check) {
  const FileLock held = m_tables.lock();
  if (is_running()) {
    return;
  }
  m_process.require_program();
  const std::uint64_t generation = m_tables.newest();
  const RoutingTable table = check(m_tables.read(generation));
  write(table, generation + 1);
  m_signposts.set_all(table);
  fs::remove(m_folder / "caddy.sock"); // of one that was killed: it would be in the way
  m_process.start({"run", "--config", config_file().string()});
  try {
    await(generation + 1);
  } catch (const Error&) {
    m_process.stop(SIGTERM, k_patience_for_end);
    throw;
  }
}

void Caddy::await(std::uint64_t generation) const {
  const Stopwatch stopwatch;
  while (m_process.find() && stopwatch.elapsed() < k_patience) {
    const auto now = running();
    if (now && now->generation == generation) {
      return;
    }
    std::this_thread::sleep_for(k_pause);
  }
  throw Error(ErrorKind::environment,
              fmt::format("Caddy did not take its configuration over:\n{}", printable(m_process.last_log(), true)));
}

bool Caddy::down() {
  const FileLock held = m_tables.lock();
  return m_process.stop(SIGTERM, k_patience_for_end); // it ends its requests first
}

RouterStatus Caddy::status() {
  const auto process = m_process.find();
  RouterStatus status{
      .running = process.has_value(), .pid = process ? process->pid : 0, .config = config_file().string()};
  try {
    status.version = fmt::format("Caddy {}", split(trim(m_process.ask({"version"}).output), ' ').front());
  } catch (const Error& error) { // not installed
    status.complaint = error.message();
  }
  if (process && !may_hold_listeners(process->pid)) {
    status.complaint = "Caddy opens its ports anew with each app that comes or goes, and a connection made at that "
                       "very moment can be reset, "
                       "unless tealhook may hold the old ones: as root, or with sysctl -w kernel.yama.ptrace_scope=0";
  }
  if (!hands_waiting_connections_over()) {
    status.complaint = "Caddy opens its ports anew with each app that comes or goes, and connections that wait at the "
                       "old ones are reset, "
                       "unless the kernel hands them over: sysctl -w net.ipv4.tcp_migrate_req=1";
  }
  if (was_edited(config_file())) {
    status.complaint = fmt::format("'{}' was changed by hand: it is kept beside it at the next change, and replaced",
                                   config_file().string());
  }
  return status;
}

RoutingTable Caddy::table() {
  const auto now = is_running() ? running() : std::nullopt;
  RoutingTable table = m_tables.read(now ? now->generation : m_tables.newest());
  return now && now->follows ? m_signposts.followed(std::move(table)) : table;
}

void Caddy::replace(std::string_view app, const std::vector<Route>& routes) {
  const FileLock held = m_tables.lock();
  const RoutingTable before = table();
  const RoutingTable after = with_routes(before, app, routes);
  require_distinct(after, m_settings);
  if (before == after) {
    return;
  }
  if (!is_running()) {
    write(after, m_tables.newest() + 1);
    m_certificates.forget_but(after);
    return;
  }
  const auto now = running();
  if (now && now->follows && same_entrances(before, after)) {
    turn(app, after, now->generation);
  } else {
    reload(app, before, after);
  }
  m_connections.note_change(app, before, after);
  m_certificates.forget_but(after);
}

/// Caddy is told nothing: it looks at the signposts.
void Caddy::turn(std::string_view app, const RoutingTable& after, std::uint64_t running) {
  const std::uint64_t next = m_tables.newest() + 1;
  m_tables.write(next, after);
  try {
    m_signposts.set(app, routes_of(after, app));
  } catch (const Error&) {
    m_tables.write(next, table());
    throw;
  }
  write_configuration(after, running); // which somebody may have changed
  m_tables.forget_but({running, next});
}

/// With every configuration Caddy opens its ports anew, and closes the sockets it had there; those that were connecting
/// meanwhile are waited for. It also replaces the socket that it is told by, at times before it has answered.
void Caddy::reload(std::string_view app, const RoutingTable& before, const RoutingTable& after) {
  const std::uint64_t generation = m_tables.newest();
  const auto now = running();
  write(after, generation + 1);
  try {
    if (!(now && now->follows)) {
      m_signposts.set_all(before);
    }
    const Farewell farewell(farewell_file(m_folder, now ? now->generation : 0), ports_of(before, m_settings));
    const ListenerHold held(m_process.find().value_or(ProcessId()).pid);
    take_over(generation + 1);
    held.await_handshakes(k_patience_for_handshakes);
  } catch (const Error&) {
    write(before, generation + 2);
    throw;
  }
  m_signposts.set(app, routes_of(after, app));
  m_tables.forget_but({generation, generation + 1});
}

void Caddy::take_over(std::uint64_t generation) const {
  std::optional<http::Response> response;
  try {
    response = ask("POST", "/load", read_file(config_file()));
  } catch (const Error&) {
    await(generation);
    return;
  }
  if (response->status != 200) {
    throw Error(ErrorKind::environment, fmt::format("Caddy refuses its configuration: {}",
                                                    shorten(printable(trim(response->body)), k_quoted_answer)));
  }
}

void Caddy::write(const RoutingTable& table, std::uint64_t generation) {
  m_certificates.keep(table);
  m_tables.write(generation, table);
  write_configuration(table, generation);
}

void Caddy::write_configuration(const RoutingTable& table, std::uint64_t generation) const {
  write_generated(config_file(), caddy_config(table, m_settings, m_folder, generation));
}

std::vector<Traffic> Caddy::traffic(std::string_view app) {
  const auto now = is_running() ? running() : std::nullopt;
  return m_connections.count(app, now && now->follows ? RoutingTable{m_signposts.routes(app)} : table());
}

} // namespace teal::route
