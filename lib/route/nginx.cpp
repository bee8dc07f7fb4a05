#include "route/nginx.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "route/entrance.hpp"
#include "route/farewell.hpp"
#include "route/generation.hpp"
#include "route/kept_file.hpp"
#include "route/nginx_config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience(15);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_pause{5}; ///< nginx tells nobody that it is ready
constexpr std::size_t k_quoted_lines = 5;
constexpr int k_first_error = 500;
constexpr const char* k_leaving_word = "shutting down"; ///< in the title of a worker that accepts nothing any more

std::string content_of(const fs::path& file) {
  std::ostringstream text; // which, unlike an iterator, does not throw where a process has ended meanwhile
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Workers that still accept requests.
std::set<pid_t> workers_of(pid_t master) {
  std::set<pid_t> workers;
  std::istringstream children(content_of(fmt::format("/proc/{}/task/{}/children", master, master)));
  pid_t pid = 0;
  while (children >> pid) {
    if (content_of(fmt::format("/proc/{}/cmdline", pid)).find(k_leaving_word) == std::string::npos) {
      workers.insert(pid);
    }
  }
  return workers;
}

/// Whether all that is different is where signposts lead: a group of servers that share requests is written down.
bool same_but_followed(const RoutingTable& written, const RoutingTable& wanted) {
  return same_entrances(written, wanted) &&
         std::equal(
             wanted.routes.begin(), wanted.routes.end(), written.routes.begin(),
             [](const Route& one, const Route& other) { return !is_weighed(one) || one.servers == other.servers; });
}

} // namespace

Nginx::Nginx(ServerSettings::Router settings, fs::path folder, const Environment& environment)
    : m_settings(std::move(settings)), m_folder(std::move(folder)), m_process("nginx", m_folder, environment),
      m_tables(m_folder), m_signposts(signposts_in(m_folder)), m_connections(m_folder), m_certificates(m_folder) {}

fs::path Nginx::config_file() const {
  return is_foreign() ? fs::path(m_settings.config) : m_folder / "nginx.conf";
}

std::optional<pid_t> Nginx::master() const {
  if (!is_foreign()) {
    const auto process = m_process.find();
    return process ? std::optional(process->pid) : std::nullopt;
  }
  const std::string config = content_of(config_file());
  const auto at = config.find("pid ");
  const bool named = at != std::string::npos && (at == 0 || config[at - 1] == '\n');
  const std::string file = named ? config.substr(at + 4, config.find(';', at) - at - 4) : "/run/nginx.pid";
  const auto pid = parse_integer(trim(content_of(std::string(trim(file)))));
  return pid && ::kill(static_cast<pid_t>(*pid), 0) == 0 ? std::optional(static_cast<pid_t>(*pid)) : std::nullopt;
}

std::optional<Running> Nginx::running() const {
  try {
    http::Client client({http::Endpoint::Kind::unix_socket, (m_folder / "nginx.sock").string(), 0});
    return find_running(
        client.request({.target = "/", .headers = {{"Host", "tealhook"}, {"Connection", "close"}}}).body);
  } catch (const Error&) { // none listens
    return std::nullopt;
  }
}

void Nginx::up(const Check& check) {
  const FileLock held = m_tables.lock();
  if (is_running()) {
    return;
  }
  if (is_foreign()) {
    throw Error(ErrorKind::environment,
                fmt::format("the nginx of '{}' does not run: it is not tealhook's to start", m_settings.config));
  }
  m_process.require_program();
  const std::uint64_t generation = m_tables.newest();
  const RoutingTable table = check(m_tables.read(generation));
  write(table, generation + 1);
  test();
  m_signposts.set_all(table);
  fs::remove(m_folder / "nginx.sock"); // of one that was killed: it would be in the way
  m_process.start({"-p", m_folder.string(), "-c", config_file().string()});
  try {
    take_over(generation + 1, {});
  } catch (const Error&) {
    m_process.stop(SIGTERM, k_patience_for_end);
    throw;
  }
}

bool Nginx::down() {
  const FileLock held = m_tables.lock();
  if (is_foreign()) {
    throw Error(ErrorKind::settings, fmt::format("the nginx of '{}' is not tealhook's to stop", m_settings.config));
  }
  return m_process.stop(SIGQUIT, k_patience_for_end);
}

RouterStatus Nginx::status() {
  const auto pid = master();
  RouterStatus status{.running = pid.has_value(), .pid = pid.value_or(0), .config = config_file().string()};
  try {
    const std::string words = m_process.ask({"-v"}).tail; // "nginx version: nginx/1.22.1"
    status.version = std::string(trim(words.substr(words.find(": ") + 2)));
  } catch (const std::exception& error) { // not installed
    status.complaint = error.what();
  }
  if (was_edited(part_file()) || (!is_foreign() && was_edited(config_file()))) {
    status.complaint = fmt::format("'{}' was changed by hand: it is kept beside it at the next change, and replaced",
                                   config_file().string());
  }
  return status;
}

RoutingTable Nginx::table() {
  const auto now = is_running() ? running() : std::nullopt;
  RoutingTable table = m_tables.read(now ? now->generation : m_tables.newest());
  return now && now->follows ? m_signposts.followed(std::move(table)) : table;
}

void Nginx::replace(std::string_view app, const std::vector<Route>& routes) {
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
  if (is_weighed(after) && !is_weighed(before)) {
    std::ofstream(access_log(), std::ios::trunc).close();
  }
  const auto now = running();
  if (now && now->follows && same_but_followed(m_tables.read(now->generation), after)) {
    turn(app, after, now->generation);
  } else {
    reload(app, before, after);
  }
  m_connections.note_change(app, before, after);
  m_certificates.forget_but(after);
}

/// nginx is told nothing: its workers look at the signposts.
void Nginx::turn(std::string_view app, const RoutingTable& after, std::uint64_t running) {
  const std::uint64_t next = m_tables.newest() + 1;
  m_tables.write(next, after);
  try {
    m_signposts.set(app, routes_of(after, app));
  } catch (const Error&) {
    m_tables.write(next, table());
    throw;
  }
  write_configuration(m_tables.read(running), running); // which somebody may have changed
  m_tables.forget_but({running, next});
}

void Nginx::reload(std::string_view app, const RoutingTable& before, const RoutingTable& after) {
  const std::uint64_t generation = m_tables.newest();
  if (!is_foreign()) { // somebody else's may listen there for others already
    require_free_entrances(entrances(after, m_settings), entrances(before, m_settings));
  }
  const auto now = running();
  try {
    write(after, generation + 1);
    test();
    if (!is_foreign() && !(now && now->follows)) {
      m_signposts.set_all(before);
    }
    const Farewell farewell(farewell_file(m_folder, now ? now->generation : 0), ports_of(before, m_settings));
    const auto earlier = workers_of(*master());
    ::kill(*master(), SIGHUP);
    take_over(generation + 1, earlier);
  } catch (const Error&) {
    write(before, generation + 2);
    if (const auto pid = master()) {
      ::kill(*pid, SIGHUP);
    }
    throw;
  }
  if (!is_foreign()) {
    m_signposts.set(app, routes_of(after, app));
  }
  m_tables.forget_but({generation, generation + 1});
}

void Nginx::write(const RoutingTable& table, std::uint64_t generation) {
  m_certificates.keep(table);
  m_tables.write(generation, table);
  write_configuration(table, generation);
}

void Nginx::write_configuration(const RoutingTable& table, std::uint64_t generation) const {
  const std::string part = nginx_part(table, m_settings, m_folder, generation);
  write_generated(part_file(), part);
  if (!is_foreign()) {
    fs::create_directories(m_folder / "nginx-temp");
    write_generated(config_file(), nginx_config(part, m_folder, ::geteuid() == 0));
  }
}

void Nginx::test() const {
  const Outcome outcome = m_process.ask({"-t", "-p", m_folder.string(), "-c", config_file().string()});
  if (!outcome.succeeded()) {
    throw Error(ErrorKind::environment, fmt::format("nginx refuses its configuration: {}",
                                                    printable(trim(last_lines(outcome.tail, k_quoted_lines)))));
  }
  if (is_foreign()) {
    const Outcome whole = m_process.ask({"-T", "-c", config_file().string()});
    if (whole.output.find("# configuration file " + part_file().string()) == std::string::npos) {
      throw Error(ErrorKind::settings, fmt::format("'{}' does not include tealhook's part: put 'include {};' into its "
                                                   "http block",
                                                   config_file().string(), part_file().string()));
    }
  }
}

/// Both the new workers and the old ones accept requests for a moment: it ends when each of the `earlier` says that it
/// leaves.
void Nginx::take_over(std::uint64_t generation, const std::set<pid_t>& earlier) const {
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < k_patience) {
    const auto pid = master();
    if (!pid && stopwatch.elapsed() > k_pause) {
      break;
    }
    const auto workers = pid ? workers_of(*pid) : std::set<pid_t>();
    const bool gone = std::none_of(earlier.begin(), earlier.end(), [&](pid_t one) { return workers.contains(one); });
    const auto now = running();
    if (gone && now && now->generation == generation) {
      return;
    }
    std::this_thread::sleep_for(k_pause);
  }
  throw Error(ErrorKind::environment,
              fmt::format("nginx did not take its configuration over:\n{}", printable(m_process.last_log(), true)));
}

std::vector<Traffic> Nginx::traffic(std::string_view app) {
  const auto running = is_running() ? this->running() : std::nullopt;
  const RoutingTable now = running && running->follows ? RoutingTable{m_signposts.routes(app)} : table();
  std::vector<Traffic> all = m_connections.count(app, now);
  if (is_weighed(now)) {
    count_answers(now, all);
  }
  return all;
}

/// By route and address, with each server that was asked for a request: "shop-live|10.0.3.2:8080, 10.0.3.3:8080|502,
/// 200". One whose answer is "-" was not waited for by who asked.
void Nginx::count_answers(const RoutingTable& table, std::vector<Traffic>& all) const {
  std::map<std::pair<std::string, std::string>, Traffic> counts;
  std::istringstream lines(content_of(access_log()));
  for (std::string line; std::getline(lines, line);) {
    const auto fields = split(line, '|');
    if (fields.size() != 3) {
      continue;
    }
    const auto addresses = split(fields[1], ',');
    const auto statuses = split(fields[2], ',');
    for (std::size_t i = 0; i < addresses.size() && i < statuses.size(); ++i) {
      Traffic& traffic = counts[{fields[0], std::string(trim(addresses[i]))}];
      ++traffic.requests;
      traffic.errors += parse_integer(trim(statuses[i])).value_or(0) >= k_first_error ? 1 : 0;
    }
  }
  for (Traffic& traffic : all) {
    for (const Route& route : table.routes) {
      for (const Server& server : route.servers) {
        if (route.name() == traffic.route && server.container == traffic.container) {
          const Traffic& found = counts[{route.name(), fmt::format("{}:{}", server.address, server.port)}];
          traffic.requests = found.requests;
          traffic.errors = found.errors;
        }
      }
    }
  }
}

} // namespace teal::route
