#include "route/nginx.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/file_io.hpp"
#include "route/entrance.hpp"
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

} // namespace

Nginx::Nginx(ServerSettings::Router settings, fs::path folder, const Environment& environment)
    : m_settings(std::move(settings)), m_folder(std::move(folder)), m_process("nginx", m_folder, environment),
      m_tables(m_folder), m_connections(m_folder), m_certificates(m_folder) {}

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

std::optional<std::uint64_t> Nginx::running_generation() const {
  try {
    http::Client client({http::Endpoint::Kind::unix_socket, (m_folder / "nginx.sock").string(), 0});
    return find_generation(
        client.request({.target = "/", .headers = {{"Host", "tealhook"}, {"Connection", "close"}}}).body);
  } catch (const Error&) { // none listens
    return std::nullopt;
  }
}

void Nginx::up() {
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
  write(m_tables.read(generation), generation + 1);
  test();
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
  const auto running = is_running() ? running_generation() : std::nullopt;
  return m_tables.read(running.value_or(m_tables.newest()));
}

void Nginx::replace(std::string_view app, const std::vector<Route>& routes) {
  const FileLock held = m_tables.lock();
  const RoutingTable before = table();
  const RoutingTable after = with_routes(before, app, routes);
  require_distinct(after, m_settings);
  if (before == after) {
    return;
  }
  const std::uint64_t generation = m_tables.newest();
  if (!is_running()) {
    write(after, generation + 1);
    m_certificates.forget_but(after);
    return;
  }
  if (!is_foreign()) { // somebody else's may listen there for others already
    require_free_entrances(entrances(after, m_settings), entrances(before, m_settings));
  }
  if (is_weighed(after) && !is_weighed(before)) {
    fs::remove(access_log());
  }
  try {
    write(after, generation + 1);
    test();
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
  m_connections.note_change(app, before, after);
  m_tables.forget_before(generation);
  m_certificates.forget_but(after);
}

void Nginx::write(const RoutingTable& table, std::uint64_t generation) {
  m_certificates.keep(table);
  m_tables.write(generation, table);
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
    if (gone && running_generation() == generation) {
      return;
    }
    std::this_thread::sleep_for(k_pause);
  }
  throw Error(ErrorKind::environment,
              fmt::format("nginx did not take its configuration over:\n{}", printable(m_process.last_log(), true)));
}

std::vector<Traffic> Nginx::traffic(std::string_view app) {
  const RoutingTable now = table();
  std::vector<Traffic> all = m_connections.count(app, now);
  if (is_weighed(now)) {
    count_errors(now, all);
  }
  return all;
}

void Nginx::count_errors(const RoutingTable& table, std::vector<Traffic>& all) const {
  std::istringstream lines(content_of(access_log()));
  std::string address;
  std::string status;
  std::map<std::string, Traffic> counts;
  while (lines >> address >> status) {
    Traffic& traffic = counts[address];
    ++traffic.requests;
    traffic.errors += parse_integer(status).value_or(k_first_error) >= k_first_error ? 1 : 0;
  }
  for (Traffic& traffic : all) {
    for (const Route& route : table.routes) {
      for (const Server& server : route.servers) {
        if (route.name() == traffic.route && server.container == traffic.container) {
          const Traffic& found = counts[fmt::format("{}:{}", server.address, server.port)];
          traffic.requests = found.requests;
          traffic.errors = found.errors;
        }
      }
    }
  }
}

} // namespace teal::route
