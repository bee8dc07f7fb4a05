#include "route/haproxy.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "route/entrance.hpp"
#include "route/generation.hpp"
#include "route/haproxy_config.hpp"
#include "route/kept_file.hpp"

#include <fmt/format.h>

#include <csignal>
#include <thread>
#include <utility>

namespace teal::route {

namespace {

constexpr std::chrono::seconds k_patience_for_start(10);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_pause{5};              ///< HAProxy tells nobody that it is ready
constexpr std::int64_t k_drained = 0x08 | 0x10; ///< of srv_admin_state: SRV_ADMF_FDRAIN, SRV_ADMF_IDRAIN
constexpr std::int64_t k_in_maintenance = 0x01 | 0x02 | 0x04 | 0x20;
constexpr std::int64_t k_seconds_of_attempts = 30; ///< 4 of `timeout connect`, with a second after each

bool is_in_maintenance(const HaproxyRow& row) {
  return (row.number("srv_admin_state") & k_in_maintenance) != 0;
}

/// Given up by us, or by somebody at the socket.
bool is_leaving(const HaproxyRow& row) {
  return (row.number("srv_admin_state") & k_drained) != 0 || is_in_maintenance(row);
}

/// What makes a server be as the route has it; `present` is what HAProxy says of it, or null if it does not know it.
std::vector<std::string> orders_for(const Route& route, const Server& server, const HaproxyRow* present) {
  const std::string name = fmt::format("{}/{}", route.name(), haproxy_server_name(server));
  if (present == nullptr) {
    std::vector<std::string> coming{fmt::format("add server {} {}", name, haproxy_server_options(server))};
    if (server.has_peers) {
      coming.push_back(fmt::format("enable health {}", name));
    }
    coming.push_back(fmt::format("enable server {}", name));
    return coming;
  }
  std::vector<std::string> orders;
  if (present->text("srv_addr") != server.address || present->number("srv_port") != server.port) {
    orders.push_back(fmt::format("set server {} addr {} port {}", name, server.address, server.port));
  }
  if (present->number("srv_uweight") != static_cast<std::int64_t>(server.weight)) {
    orders.push_back(fmt::format("set server {} weight {}", name, server.weight));
  }
  if (is_leaving(*present)) {
    orders.push_back(fmt::format("set server {} state ready", name));
  }
  return orders;
}

/// `table` with the servers that `other`, of the same ways in, has besides.
RoutingTable with_servers_of(RoutingTable table, const RoutingTable& other) {
  for (std::size_t i = 0; i < table.routes.size(); ++i) {
    for (const Server& server : other.routes.at(i).servers) {
      if (find_server(table.routes[i], haproxy_server_name(server)) == nullptr) {
        table.routes[i].servers.push_back(server);
      }
    }
  }
  return table;
}

Changes by_app(const RoutingTable& table) {
  Changes changes;
  for (const Route& route : table.routes) {
    changes[route.app].push_back(route);
  }
  return changes;
}

std::vector<std::string> questions_for(const std::vector<Route>& routes) {
  std::vector<std::string> questions;
  questions.reserve(routes.size());
  for (const Route& route : routes) {
    questions.push_back("show servers state " + route.name());
  }
  return questions;
}

} // namespace

RouterDescription haproxy_description() {
  return {.can_weigh = true, .gets_certificates = false, .make = make<Haproxy>};
}

Haproxy::Haproxy(ServerSettings::Router settings, std::filesystem::path folder, const Environment& environment)
    : m_settings(std::move(settings)), m_folder(std::move(folder)), m_store(m_folder), m_certificates(m_folder),
      m_process("haproxy", m_folder, environment), m_socket(m_folder / "admin.sock"),
      m_master(m_folder / "master.sock"), m_counts(m_folder) {
  if (!m_settings.config.empty()) {
    throw Error(ErrorKind::settings,
                "router.config: HAProxy's configuration has no way to include ours; leave it empty "
                "for a HAProxy of tealhook's own, beside yours");
  }
}

bool Haproxy::is_running() {
  return m_process.find().has_value();
}

void Haproxy::up(const Check& check) {
  const FileLock held = m_store.lock();
  if (is_running()) {
    return;
  }
  const RoutingTable table = check(m_store.read());
  m_process.require_program();
  require_free_entrances(entrances(table, m_settings));
  write(table, generation_of(config_file()) + 1);
  m_process.require_valid({"-c", "-f", config_file().string()});
  m_counts.forget();
  m_process.start({"-W", "-S", (m_folder / "master.sock").string() + ",mode,600", "-f", config_file().string()});
  try {
    await(generation_of(config_file()));
  } catch (const Error&) {
    m_process.stop(SIGTERM, k_patience_for_end);
    throw;
  }
}

bool Haproxy::down() {
  const FileLock held = m_store.lock();
  return m_process.stop(SIGUSR1, k_patience_for_end); // SIGUSR1: end when all requests have
}

RouterStatus Haproxy::status() {
  const auto process = m_process.find();
  RouterStatus status{
      .running = process.has_value(), .pid = process ? process->pid : 0, .config = config_file().string()};
  try {
    status.version = fmt::format("HAProxy {}", split(m_process.ask({"-v"}).output + " ", ' ').at(2));
  } catch (const std::exception& error) { // not installed
    status.complaint = error.what();
  }
  if (std::string edit = describe_edit(config_file()); !edit.empty()) {
    status.complaint = std::move(edit);
  }
  return status;
}

RoutingTable Haproxy::table() {
  return as_it_runs(m_store.read(), {"show servers state"});
}

std::vector<Route> Haproxy::routes(std::string_view app) {
  const RoutingTable written{m_store.routes(app)};
  return as_it_runs(written, questions_for(written.routes)).routes;
}

/// `written`, by what HAProxy answers to `questions`. One that is just being started answers once whoever starts it
/// lets the lock go.
RoutingTable Haproxy::as_it_runs(RoutingTable written, const std::vector<std::string>& questions) {
  if (!is_running()) {
    return written;
  }
  std::vector<HaproxyRow> rows;
  try {
    rows = m_socket.rows(questions, ' ');
  } catch (const Error&) {
    const FileLock held = m_store.lock();
    rows = m_socket.rows(questions, ' ');
  }
  std::map<std::pair<std::string, std::string>, HaproxyRow> by_server;
  for (HaproxyRow& row : rows) {
    auto name = std::pair(row.text("be_name"), row.text("srv_name"));
    by_server.emplace(std::move(name), std::move(row));
  }
  for (Route& route : written.routes) {
    std::vector<Server> servers; // in the order in which it was told them
    for (const Server& known : route.servers) {
      const auto row = by_server.find({route.name(), haproxy_server_name(known)});
      if (row != by_server.end() && !is_leaving(row->second)) {
        servers.push_back({known.container, row->second.text("srv_addr"),
                           static_cast<std::uint16_t>(row->second.number("srv_port")),
                           static_cast<unsigned>(row->second.number("srv_uweight")), known.has_peers});
      }
    }
    route.servers = std::move(servers);
  }
  return written;
}

/// Where no way in is new or gone, nobody looks at what other apps have.
void Haproxy::replace_all(const Changes& changes) {
  const FileLock held = m_store.lock();
  const RoutingTable part_before = m_store.read_of(changes);
  const RoutingTable part_after = with_changes({}, changes);
  if (const auto config = config_to_move(part_before, part_after)) {
    move(part_before, part_after, *config);
    return;
  }
  const RoutingTable before = m_store.read();
  const RoutingTable after = with_changes(before, changes);
  require_distinct(after, m_settings);
  if (is_running()) {
    reload(before, after, part_after);
  } else {
    write(after, generation_of(config_file()));
  }
  m_certificates.forget_but(after);
}

/// What is to be written if servers are all that changes, and HAProxy runs with what is written now; else nothing.
std::optional<std::string> Haproxy::config_to_move(const RoutingTable& before, const RoutingTable& after) {
  if (!is_running() || !same_entrances(before, after)) {
    return std::nullopt;
  }
  auto config = with_servers(generated(config_file()).value_or(""), after.routes);
  return config && find_generation(*config) == find_generation(m_socket.ask("show info")) ? config : std::nullopt;
}

void Haproxy::move(const RoutingTable& before, const RoutingTable& after, const std::string& config) {
  // Written first: of a server that the socket knows and we do not, nobody could tell whose it is.
  m_store.write_changes(by_app(with_servers_of(after, before)));
  order(after.routes);
  m_store.write_changes(by_app(after));
  write_generated(config_file(), config);
  sweep(after.routes);
}

/// Servers that come are there before those that go are.
void Haproxy::order(const std::vector<Route>& routes) const {
  std::vector<std::string> coming;
  std::vector<std::string> going;
  States states = this->states(routes);
  for (const Route& route : routes) {
    const auto& present = states[route.name()];
    for (const Server& server : route.servers) {
      const auto found = present.find(haproxy_server_name(server));
      const auto orders = orders_for(route, server, found == present.end() ? nullptr : &found->second);
      coming.insert(coming.end(), orders.begin(), orders.end());
    }
    for (const auto& [name, row] : present) {
      if (find_server(route, name) == nullptr && !is_leaving(row)) {
        going.push_back(fmt::format("set server {}/{} state drain", route.name(), name));
      }
    }
  }
  coming.insert(coming.end(), going.begin(), going.end());
  m_socket.order(coming);
}

/// Servers that have left and ended their requests get none any more, and are deleted with a later change: HAProxy does
/// not count a request that waits for its next attempt to connect, but crashes if its server is deleted by then. What
/// it refuses to delete, or does not answer to, is left to a later change, too: the change itself is made.
void Haproxy::sweep(const std::vector<Route>& routes) const try {
  auto in_flight = m_counts.in_flight(routes);
  States states = this->states(routes);
  for (const Route& route : routes) {
    for (const auto& [server, row] : states[route.name()]) {
      const std::string name = fmt::format("{}/{}", route.name(), server);
      if (!is_leaving(row) || find_server(route, server) != nullptr || in_flight[name] != 0) {
        continue;
      }
      if (!is_in_maintenance(row)) {
        static_cast<void>(m_socket.ask(fmt::format("set server {} state maint", name)));
      } else if (row.number("srv_time_since_last_change") > k_seconds_of_attempts) {
        static_cast<void>(m_socket.ask("del server " + name));
      }
    }
  }
} catch (const Error&) {
}

Haproxy::States Haproxy::states(const std::vector<Route>& routes) const {
  States states;
  for (HaproxyRow& row : m_socket.rows(questions_for(routes), ' ')) {
    auto& of_route = states[row.text("be_name")];
    of_route.emplace(row.text("srv_name"), std::move(row));
  }
  return states;
}

std::vector<Traffic> Haproxy::traffic(std::string_view app) {
  return m_counts.traffic(m_store.routes(app));
}

std::uint64_t Haproxy::in_flight(std::string_view app, std::string_view container) {
  return m_counts.in_flight(m_store.routes(app), container);
}

void Haproxy::write(const RoutingTable& table, std::uint64_t generation) {
  m_certificates.keep(table);
  write_generated(config_file(), haproxy_config(table, m_settings, m_folder, generation));
  m_store.write(table);
}

/// The new worker takes the sockets over from the old one, which ends when its requests have. HAProxy reads all of a
/// configuration for that, so what is tried before is only what changed.
void Haproxy::reload(const RoutingTable& before, const RoutingTable& after, const RoutingTable& changed) {
  require_free_entrances(entrances(after, m_settings), entrances(before, m_settings));
  const std::uint64_t current = generation_of(config_file());
  m_counts.keep(after);
  m_certificates.keep(changed);
  m_process.require_valid({"-c", "-f", "/dev/stdin"}, haproxy_config(changed, m_settings, m_folder, current + 1));
  try {
    write(after, current + 1);
  } catch (const Error&) { // HAProxy was not told yet
    write(before, current);
    throw;
  }
  try {
    take_over(current + 1);
  } catch (const Error&) {
    write(before, current + 2);
    take_over(current + 2);
    throw;
  }
}

void Haproxy::take_over(std::uint64_t generation) const {
  const std::int64_t failures = failed_reloads();
  m_process.signal(SIGUSR2);
  await(generation, failures);
}

/// "[failed: 1]": in a row, until one succeeds.
std::int64_t Haproxy::failed_reloads() const {
  constexpr std::string_view k_mark = "[failed: ";
  const std::string processes = m_master.ask("show proc");
  const auto at = processes.find(k_mark);
  const auto end = processes.find(']', at);
  return at == std::string::npos || end == std::string::npos
             ? 0
             : parse_integer(processes.substr(at + k_mark.size(), end - at - k_mark.size())).value_or(0);
}

/// Until HAProxy answers as that generation, from its worker as from its master, which until then ignores the signals
/// that end or reload it. Fails at once where the master counts more failures than were known.
void Haproxy::await(std::uint64_t generation, std::int64_t known_failures) const {
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < k_patience_for_start && m_process.find()) {
    try {
      if (failed_reloads() > known_failures) {
        break;
      }
      if (find_generation(m_socket.ask("show info")) == generation) {
        return;
      }
    } catch (const Error&) { // it does not listen yet
    }
    std::this_thread::sleep_for(k_pause);
  }
  m_process.refuse_to_wait();
}

} // namespace teal::route
