#include "route/signposts.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "process/files.hpp"
#include "route/table_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

/// "shop.7": 7 of "shop"; 0 where it is not of that app.
std::uint64_t number_of(const std::string& name, std::string_view app) {
  const bool is_ours = name.size() > app.size() + 1 && name.starts_with(app) && name[app.size()] == '.';
  return is_ours ? static_cast<std::uint64_t>(parse_integer(name.substr(app.size() + 1)).value_or(0)) : 0;
}

std::vector<Server> taking_of(const Route& route) {
  std::vector<Server> taking;
  std::copy_if(route.servers.begin(), route.servers.end(), std::back_inserter(taking),
               [](const Server& server) { return server.weight > 0; });
  return taking;
}

void make(const fs::path& folder, const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const fs::path list = fs::path("to") / route.door;
    files::create_directories(folder / list);
    const std::string target = target_of(route);
    if (!target.empty()) {
      static_cast<void>(open_file(folder / list / target, O_WRONLY | O_CREAT, "put a signpost up", 0600));
    }
    files::create_symlink(target.empty() ? list : list / target, folder / route.door);
  }
  TableStore(folder).write({routes});
}

} // namespace

std::string target_of(const Route& route) {
  const std::vector<Server> taking = taking_of(route);
  if (taking.empty()) {
    return "";
  }
  const std::string group = group_of(route);
  return fmt::format("{}{}{}:{}", group, group.empty() ? "" : "@", taking.front().address, taking.front().port);
}

std::string group_of(const Route& route) {
  const std::vector<Server> taking = taking_of(route);
  if (taking.size() < 2) {
    return "";
  }
  std::string facts;
  for (const Server& server : taking) {
    facts += fmt::format("{}:{} {}\n", server.address, server.port, server.weight);
  }
  return fmt::format("{}.{:016x}", route.name(), fingerprint(facts));
}

std::string Signposts::current(std::string_view app) const {
  return files::read_symlink(m_folder / app).string();
}

void Signposts::set(std::string_view app, const std::vector<Route>& routes) const try {
  put_up(app, routes);
} catch (const Error& error) {
  throw Error(error.kind(), fmt::format("cannot move the traffic of '{}': {}", app, error.message()));
}

void Signposts::put_up(std::string_view app, const std::vector<Route>& routes) const {
  const std::string before = current(app);
  std::uint64_t newest = 0;
  for (const std::string& name : files::names_in(m_folder)) {
    newest = std::max(newest, number_of(name, app));
  }
  const std::string next = routes.empty() ? "" : fmt::format("{}.{}", app, newest + 1);
  if (routes.empty()) {
    files::remove(m_folder / app);
  } else {
    make(m_folder / next, routes);
    const fs::path link = m_folder / fmt::format(".{}", app);
    files::remove(link);
    files::create_symlink(next, link);
    files::rename(link, m_folder / app);
  }
  for (const std::string& name : files::names_in(m_folder)) {
    if (number_of(name, app) > 0 && name != before && name != next) {
      files::remove_all(m_folder / name);
    }
  }
}

void Signposts::set_some(const Changes& changes, const RoutingTable& before) const {
  const Changes back = changes_back(before, changes);
  auto change = changes.begin();
  try {
    for (; change != changes.end(); ++change) {
      set(change->first, change->second);
    }
  } catch (const Error&) {
    for (auto done = changes.begin(); done != change; ++done) {
      set(done->first, back.at(done->first));
    }
    throw;
  }
}

void Signposts::set_all(const RoutingTable& table) const {
  Changes apps;
  for (const Route& route : table.routes) {
    apps[route.app].push_back(route);
  }
  for (const auto& [app, routes] : apps) {
    set(app, routes);
  }
  for (const std::string& name : files::names_in(m_folder)) {
    if (!apps.contains(name) && !apps.contains(name.substr(0, name.find('.')))) {
      files::remove_all(m_folder / name);
    }
  }
}

std::vector<Route> Signposts::routes(std::string_view app) const {
  const std::string now = current(app);
  return now.empty() ? std::vector<Route>() : TableStore(m_folder / now).read().routes;
}

RoutingTable Signposts::followed(RoutingTable table) const {
  std::map<std::string, std::vector<Route>> known;
  for (Route& route : table.routes) {
    auto found = known.find(route.app);
    if (found == known.end()) {
      found = known.emplace(route.app, routes(route.app)).first;
    }
    const auto same = std::find_if(found->second.begin(), found->second.end(),
                                   [&](const Route& one) { return one.door == route.door; });
    route.servers = same == found->second.end() ? std::vector<Server>() : same->servers;
  }
  return table;
}

} // namespace teal::route
