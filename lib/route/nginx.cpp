#include "route/nginx.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "process/files.hpp"
#include "route/kept_file.hpp"
#include "route/nginx_config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_config_file = "nginx.conf";
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

RouterDescription nginx_description() {
  return {.can_weigh = true, .gets_certificates = false, .make = make<Nginx>};
}

Nginx::Nginx(const ServerSettings::Router& settings, const fs::path& folder, const Environment& environment)
    : SignpostRouter(settings, folder,
                     {.name = "nginx",
                      .arguments = {"-p", folder.string(), "-c", (folder / k_config_file).string()},
                      .ending = SIGQUIT},
                     environment),
      m_config(settings.config.empty() ? folder / k_config_file : fs::path(settings.config)) {}

std::optional<pid_t> Nginx::pid() const {
  if (!is_foreign()) {
    return SignpostRouter::pid();
  }
  const std::string config = content_of(m_config);
  const auto at = config.find("pid ");
  const bool named = at != std::string::npos && (at == 0 || config[at - 1] == '\n');
  const std::string file = named ? config.substr(at + 4, config.find(';', at) - at - 4) : "/run/nginx.pid";
  const auto pid = parse_integer(trim(content_of(std::string(trim(file)))));
  return pid && ::kill(static_cast<pid_t>(*pid), 0) == 0 ? std::optional(static_cast<pid_t>(*pid)) : std::nullopt;
}

http::Request Nginx::question() const {
  return {.target = "/", .headers = {{"Host", "tealhook"}}};
}

void Nginx::up(const Check& check) {
  if (is_foreign() && !is_running()) {
    throw Error(ErrorKind::environment,
                fmt::format("the nginx of '{}' does not run: it is not tealhook's to start", m_config.string()));
  }
  SignpostRouter::up(check);
}

bool Nginx::down() {
  if (is_foreign()) {
    throw Error(ErrorKind::settings, fmt::format("the nginx of '{}' is not tealhook's to stop", m_config.string()));
  }
  return SignpostRouter::down();
}

std::string Nginx::version() const {
  const std::string words = process().ask({"-v"}).tail; // "nginx version: nginx/1.22.1"
  return std::string(trim(words.substr(std::min(words.find(": "), words.size() - 2) + 2)));
}

std::vector<fs::path> Nginx::config_files() const {
  return is_foreign() ? std::vector<fs::path>{m_config, part_file()} : std::vector<fs::path>{m_config};
}

void Nginx::write_configuration(const RoutingTable& table, std::uint64_t generation) const {
  const std::string part = nginx_part(table, settings(), folder(), generation);
  if (is_foreign()) {
    write_generated(part_file(), part);
    return;
  }
  files::create_directories(folder() / "nginx-temp");
  write_generated(m_config, nginx_config(part, folder(), ::geteuid() == 0));
}

void Nginx::require_valid() const {
  process().require_valid({"-t", "-p", folder().string(), "-c", m_config.string()});
  if (!is_foreign()) {
    return;
  }
  const Outcome whole = process().ask({"-T", "-c", m_config.string()});
  if (whole.output.find("# configuration file " + part_file().string()) == std::string::npos) {
    throw Error(ErrorKind::settings, fmt::format("'{}' does not include tealhook's part: put 'include {};' into its "
                                                 "http block",
                                                 m_config.string(), part_file().string()));
  }
}

/// Counting begins anew.
void Nginx::prepare(const RoutingTable& before, const RoutingTable& after) const {
  if (is_counted(after) && !is_counted(before)) {
    std::ofstream(access_log(), std::ios::trunc).close();
  }
}

/// Both the new workers and the old ones accept requests for a moment: it ends when each of the earlier ones says that
/// it leaves.
void Nginx::take_over(std::uint64_t generation) const {
  const auto master = pid();
  const std::set<pid_t> earlier = master ? workers_of(*master) : std::set<pid_t>();
  take_back();
  await(generation, [&] {
    const auto workers = workers_of(*master);
    return std::none_of(earlier.begin(), earlier.end(), [&](pid_t one) { return workers.contains(one); });
  });
}

/// Tells it to read what is written.
void Nginx::take_back() const {
  if (const auto master = pid()) {
    ::kill(*master, SIGHUP);
  }
}

std::vector<Traffic> Nginx::traffic(std::string_view app) {
  const RoutingTable now{routes(app)};
  std::vector<Traffic> all = SignpostRouter::traffic(app);
  if (is_counted(now)) {
    count_answers(now, all);
  }
  return all;
}

/// By route and address, with each server that was asked for a request, by which group whatever:
/// "shop-live.0123456789abcdef|10.0.3.2:8080, 10.0.3.3:8080|502, 200". One whose answer is "-" was not waited for by
/// who asked.
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
      Traffic& traffic = counts[{fields[0].substr(0, fields[0].find('.')), std::string(trim(addresses[i]))}];
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
