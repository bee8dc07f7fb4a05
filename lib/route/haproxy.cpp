#include "route/haproxy.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "route/entrance.hpp"
#include "route/generation.hpp"
#include "route/haproxy_config.hpp"
#include "route/kept_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <map>
#include <thread>

namespace teal::route {

namespace {

constexpr std::chrono::seconds k_patience_for_start(10);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_pause{5};              ///< HAProxy tells nobody that it is ready
constexpr std::int64_t k_drained = 0x08 | 0x10; ///< of srv_admin_state: SRV_ADMF_FDRAIN, SRV_ADMF_IDRAIN
constexpr std::int64_t k_in_maintenance = 0x01 | 0x02 | 0x04 | 0x20;

constexpr std::string_view k_server_prefix = "c-";
constexpr std::size_t k_quoted_lines = 5;
constexpr const char* k_all_servers = "-1 4 -1"; ///< of any proxy, rows of servers, with any number

using Row = std::map<std::string, std::string>;

std::string field(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found == row.end() ? "" : found->second;
}

std::int64_t number(const Row& row, const char* name) {
  return parse_integer(field(row, name)).value_or(0);
}

/// Given up by us, or by somebody at the socket.
bool is_leaving(const Row& row) {
  return (number(row, "srv_admin_state") & (k_drained | k_in_maintenance)) != 0;
}

/// What makes a server be as the route has it; `present` is what HAProxy says of it, or null if it does not know it.
std::vector<std::string> orders_for(const Route& route, const Server& server, const Row* present) {
  const std::string name = fmt::format("{}/{}", route.name(), haproxy_server_name(server));
  if (present == nullptr) {
    return {fmt::format("add server {} {}", name, haproxy_server_options(server)),
            fmt::format("enable server {}", name)};
  }
  std::vector<std::string> orders;
  if (field(*present, "srv_addr") != server.address || number(*present, "srv_port") != server.port) {
    orders.push_back(fmt::format("set server {} addr {} port {}", name, server.address, server.port));
  }
  if (number(*present, "srv_uweight") != static_cast<std::int64_t>(server.weight)) {
    orders.push_back(fmt::format("set server {} weight {}", name, server.weight));
  }
  if (is_leaving(*present)) {
    orders.push_back(fmt::format("set server {} state ready", name));
  }
  return orders;
}

const Server* find_server(const Route& route, const std::string& name) {
  const auto found = std::find_if(route.servers.begin(), route.servers.end(),
                                  [&](const Server& server) { return haproxy_server_name(server) == name; });
  return found == route.servers.end() ? nullptr : &*found;
}

/// `table` with the servers that `other` has besides.
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

} // namespace

Haproxy::Haproxy(ServerSettings::Router settings, std::filesystem::path folder, const Environment& environment)
    : m_settings(std::move(settings)), m_folder(std::move(folder)), m_store(m_folder), m_certificates(m_folder),
      m_process("haproxy", m_folder, environment), m_socket(m_folder / "admin.sock"),
      m_master(m_folder / "master.sock") {
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
  require_valid();
  std::filesystem::remove(counts_file());
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
  if (was_edited(config_file())) {
    status.complaint =
        fmt::format("'{}' was changed by hand: it is kept as '{}.edited' at the next change, and replaced",
                    config_file().string(), config_file().filename().string());
  }
  return status;
}

RoutingTable Haproxy::table() {
  RoutingTable table = m_store.read();
  if (!is_running()) {
    return table;
  }
  std::map<std::string, std::vector<Row>> rows; // by route
  for (Row& row : server_states()) {
    rows[field(row, "be_name")].push_back(std::move(row));
  }
  for (Route& route : table.routes) {
    std::vector<Server> servers;
    for (const Row& row : rows[route.name()]) {
      const Server* known = find_server(route, field(row, "srv_name"));
      if (known != nullptr && !is_leaving(row)) {
        servers.push_back({known->container, field(row, "srv_addr"),
                           static_cast<std::uint16_t>(number(row, "srv_port")),
                           static_cast<unsigned>(number(row, "srv_uweight"))});
      }
    }
    route.servers = std::move(servers);
  }
  return table;
}

/// One that is just being started answers once whoever starts it lets the lock go.
std::vector<std::map<std::string, std::string>> Haproxy::server_states() const {
  constexpr const char* k_question = "show servers state";
  try {
    return m_socket.table(k_question, ' ');
  } catch (const Error&) {
    const FileLock held = m_store.lock();
    return m_socket.table(k_question, ' ');
  }
}

void Haproxy::replace(std::string_view app, const std::vector<Route>& routes) {
  const FileLock held = m_store.lock();
  const RoutingTable before = m_store.read();
  const RoutingTable after = with_routes(before, app, routes);
  require_distinct(after, m_settings);
  if (!is_running()) {
    write(after, generation_of(config_file()));
  } else if (!same_entrances(before, after)) {
    reload(before, after);
  } else {
    // Written first: of a server that the socket knows and we do not, nobody could tell whose it is.
    m_store.write(with_servers_of(after, before));
    move(routes);
    write(after, generation_of(config_file()));
    sweep(routes);
  }
  m_certificates.forget_but(after);
}

/// Servers that come are there before those that go are.
void Haproxy::move(const std::vector<Route>& routes) {
  std::vector<std::string> coming;
  std::vector<std::string> going;
  for (const Route& route : routes) {
    std::map<std::string, Row> present;
    for (const Row& row : m_socket.table("show servers state " + route.name(), ' ')) {
      present[field(row, "srv_name")] = row;
    }
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

/// Servers that have left and ended their requests. One that HAProxy still holds a connection to goes the next time,
/// and so do all of them where it does not answer: the change itself is made.
void Haproxy::sweep(const std::vector<Route>& routes) try {
  std::map<std::string, std::int64_t> in_flight;
  for (const Statistics& one : statistics(routes)) {
    in_flight[one.server] += number(one.row, "scur");
  }
  for (const Route& route : routes) {
    for (const Row& row : m_socket.table("show servers state " + route.name(), ' ')) {
      const std::string name = route.name() + "/" + field(row, "srv_name");
      if (find_server(route, field(row, "srv_name")) == nullptr && is_leaving(row) && in_flight[name] == 0) {
        static_cast<void>(m_socket.ask(fmt::format("set server {} state maint; del server {}", name, name)));
      }
    }
  }
} catch (const Error&) {
}

std::vector<Traffic> Haproxy::traffic(std::string_view app) {
  const std::vector<Route> routes = routes_of(m_store.read(), app);
  m_counts.take_in(counts_file());
  std::map<std::string, Traffic> all; // by server
  for (const Statistics& one : statistics(routes)) {
    const auto route = std::find_if(routes.begin(), routes.end(),
                                    [&](const Route& each) { return each.name() == field(one.row, "pxname"); });
    const std::string name = field(one.row, "svname");
    const Server* server = find_server(*route, name);
    note(one, m_counts);
    const auto [requests, errors] = m_counts.sum(one.server);
    Traffic& traffic = all[one.server];
    traffic.route = route->name();
    traffic.container = server != nullptr ? server->container : name.substr(k_server_prefix.size());
    traffic.in_flight += static_cast<std::uint64_t>(number(one.row, "scur"));
    traffic.requests = requests;
    traffic.errors = std::min(errors, requests);
  }
  std::vector<Traffic> list;
  list.reserve(all.size());
  for (auto& [server, traffic] : all) {
    list.push_back(std::move(traffic));
  }
  return list;
}

void Haproxy::note(const Statistics& one, WorkerCounts& counts) {
  const auto errors = number(one.row, "hrsp_5xx") + number(one.row, "econ") + number(one.row, "eresp");
  counts.note(one.worker, one.server,
              {static_cast<std::uint64_t>(number(one.row, "stot")), static_cast<std::uint64_t>(errors)});
}

/// The worker that ends takes its counts along: those that a shift looks at are kept before.
void Haproxy::keep_counts(const RoutingTable& table) const {
  std::vector<Route> weighed;
  std::set<std::string> servers;
  std::copy_if(table.routes.begin(), table.routes.end(), std::back_inserter(weighed),
               [](const Route& route) { return is_weighed(route); });
  WorkerCounts counts;
  counts.take_in(counts_file());
  for (const Statistics& one : statistics(weighed)) {
    note(one, counts);
    servers.insert(one.server);
  }
  counts.keep(counts_file(), servers);
}

/// Of the worker that takes new requests, and of those that still end what an earlier configuration began.
std::vector<Haproxy::Statistics> Haproxy::statistics(const std::vector<Route>& routes) const {
  std::vector<Statistics> all;
  std::set<std::string> names;
  for (const Route& route : routes) {
    names.insert(route.name());
  }
  for (const std::string& line : split(names.empty() ? "" : m_master.ask("show proc"), '\n')) {
    const auto pid = parse_integer(line.substr(0, line.find_first_of(" \t")));
    if (!pid || line.find("worker") == std::string::npos) {
      continue;
    }
    for (Row& row : m_master.table(fmt::format("@!{} show stat {}", *pid, k_all_servers), ',', names)) {
      if (const std::string name = field(row, "svname"); name.starts_with(k_server_prefix)) {
        all.push_back({static_cast<pid_t>(*pid), field(row, "pxname") + "/" + name, std::move(row)});
      }
    }
  }
  return all;
}

void Haproxy::write(const RoutingTable& table, std::uint64_t generation) {
  m_certificates.keep(table);
  write_generated(config_file(), haproxy_config(table, m_settings, m_folder, generation));
  m_store.write(table);
}

void Haproxy::require_valid() const {
  const Outcome outcome = m_process.ask({"-c", "-f", config_file().string()});
  if (!outcome.succeeded()) {
    throw Error(ErrorKind::environment, fmt::format("HAProxy refuses its configuration: {}",
                                                    printable(trim(last_lines(outcome.tail, k_quoted_lines)))));
  }
}

/// The new worker takes the sockets over from the old one, which ends when its requests have.
void Haproxy::reload(const RoutingTable& before, const RoutingTable& after) {
  require_free_entrances(entrances(after, m_settings), entrances(before, m_settings));
  const std::uint64_t current = generation_of(config_file());
  keep_counts(after);
  try {
    write(after, current + 1);
    require_valid();
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
  throw Error(ErrorKind::environment,
              fmt::format("HAProxy did not take its configuration over:\n{}", printable(m_process.last_log(), true)));
}

} // namespace teal::route
