#include "route/haproxy_counts.hpp"

#include "core/text.hpp"
#include "process/files.hpp"
#include "route/haproxy_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace teal::route {

namespace {

std::map<std::string, const Route*> by_name(const std::vector<Route>& routes) {
  std::map<std::string, const Route*> named;
  for (const Route& route : routes) {
    named.emplace(route.name(), &route);
  }
  return named;
}

/// What to ask that worker. A worker that an earlier tealhook started has a frontend of each backend's name, which
/// "show stat" would find by that: it is asked by number, which each worker has its own of.
std::vector<std::string> questions_for(const HaproxySocket& master, const std::string& worker,
                                       const std::vector<Route>& routes) {
  std::vector<std::string> names;
  names.reserve(routes.size());
  for (const Route& route : routes) {
    names.push_back(fmt::format("{} show servers state {}", worker, route.name()));
  }
  std::set<std::string> numbers;
  for (const HaproxyRow& row : master.rows(names, ' ')) {
    numbers.insert(row.text("be_id"));
  }
  std::vector<std::string> questions;
  questions.reserve(numbers.size());
  for (const std::string& number : numbers) { // 4: rows of servers; -1: whatever their numbers
    questions.push_back(fmt::format("{} show stat {} 4 -1", worker, number));
  }
  return questions;
}

} // namespace

std::vector<HaproxyCounts::Statistics> HaproxyCounts::statistics(const std::vector<Route>& routes) const {
  std::vector<Statistics> all;
  for (const std::string& line : split(routes.empty() ? "" : m_master.ask("show proc"), '\n')) {
    const auto pid = parse_integer(line.substr(0, line.find_first_of(" \t")));
    if (!pid || line.find("worker") == std::string::npos) {
      continue;
    }
    const auto questions = questions_for(m_master, fmt::format("@!{}", *pid), routes);
    for (HaproxyRow& row : m_master.rows(questions, ',')) {
      if (const std::string name = row.text("svname"); is_haproxy_server_name(name)) {
        all.push_back({static_cast<pid_t>(*pid), row.text("pxname") + "/" + name, std::move(row)});
      }
    }
  }
  return all;
}

void HaproxyCounts::note(const Statistics& one, WorkerCounts& counts) {
  const auto errors = one.row.number("hrsp_5xx") + one.row.number("econ") + one.row.number("eresp");
  counts.note(one.worker, one.server,
              {static_cast<std::uint64_t>(one.row.number("stot")), static_cast<std::uint64_t>(errors)});
}

std::vector<Traffic> HaproxyCounts::traffic(const std::vector<Route>& routes) {
  const auto named = by_name(routes);
  m_counts.take_in(m_file);
  std::map<std::string, Traffic> all; // by server
  for (const Statistics& one : statistics(routes)) {
    const Route& route = *named.at(one.row.text("pxname"));
    const std::string name = one.row.text("svname");
    const Server* server = find_server(route, name);
    note(one, m_counts);
    const auto [requests, errors] = m_counts.sum(one.server);
    Traffic& traffic = all[one.server];
    traffic.route = route.name();
    traffic.container = server != nullptr ? server->container : container_begin(name);
    traffic.in_flight += static_cast<std::uint64_t>(one.row.number("scur"));
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

std::uint64_t HaproxyCounts::in_flight(const std::vector<Route>& routes, std::string_view container) const {
  std::uint64_t count = 0;
  for (const Statistics& one : statistics(routes)) {
    if (container.starts_with(container_begin(one.row.text("svname")))) {
      count += static_cast<std::uint64_t>(one.row.number("scur"));
    }
  }
  return count;
}

std::map<std::string, std::uint64_t> HaproxyCounts::in_flight(const std::vector<Route>& routes) const {
  std::map<std::string, std::uint64_t> counts;
  for (const Statistics& one : statistics(routes)) {
    counts[one.server] += static_cast<std::uint64_t>(one.row.number("scur"));
  }
  return counts;
}

void HaproxyCounts::keep(const RoutingTable& table) const {
  std::vector<Route> weighed;
  std::set<std::string> servers;
  std::copy_if(table.routes.begin(), table.routes.end(), std::back_inserter(weighed),
               [](const Route& route) { return is_counted(route); });
  WorkerCounts counts;
  counts.take_in(m_file);
  for (const Statistics& one : statistics(weighed)) {
    note(one, counts);
    servers.insert(one.server);
  }
  counts.keep(m_file, servers);
}

void HaproxyCounts::forget() const {
  files::remove(m_file);
}

} // namespace teal::route
