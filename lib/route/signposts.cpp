#include "route/signposts.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "route/table_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

/// "shop.7": 7 of "shop"; 0 where it is not of that app.
std::uint64_t number_of(const std::string& name, std::string_view app) {
  const bool is_ours = name.size() > app.size() + 1 && name.starts_with(app) && name[app.size()] == '.';
  return is_ours ? static_cast<std::uint64_t>(parse_integer(name.substr(app.size() + 1)).value_or(0)) : 0;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

void put_up(const fs::path& folder, const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const fs::path list = fs::path("to") / route.door;
    fs::create_directories(folder / list);
    const std::string target = target_of(route);
    if (!target.empty()) {
      std::ofstream(folder / list / target).close();
    }
    fs::create_symlink(target.empty() ? list : list / target, folder / route.door);
  }
  TableStore(folder).write({routes});
}

} // namespace

std::string target_of(const Route& route) {
  std::vector<Server> taking;
  std::copy_if(route.servers.begin(), route.servers.end(), std::back_inserter(taking),
               [](const Server& server) { return server.weight > 0; });
  if (taking.size() == 1) {
    return fmt::format("{}:{}", taking.front().address, taking.front().port);
  }
  return taking.empty() ? "" : route.name();
}

std::string Signposts::current(std::string_view app) const {
  std::error_code missing;
  return fs::read_symlink(m_folder / app, missing).string();
}

void Signposts::set(std::string_view app, const std::vector<Route>& routes) const try {
  const std::string before = current(app);
  std::uint64_t newest = 0;
  for (const std::string& name : names_in(m_folder)) {
    newest = std::max(newest, number_of(name, app));
  }
  const std::string next = routes.empty() ? "" : fmt::format("{}.{}", app, newest + 1);
  if (routes.empty()) {
    fs::remove(m_folder / app);
  } else {
    put_up(m_folder / next, routes);
    const fs::path link = m_folder / fmt::format(".{}", app);
    fs::remove(link);
    fs::create_symlink(next, link);
    fs::rename(link, m_folder / app);
  }
  for (const std::string& name : names_in(m_folder)) {
    if (number_of(name, app) > 0 && name != before && name != next) {
      fs::remove_all(m_folder / name);
    }
  }
} catch (const fs::filesystem_error& error) {
  throw Error(ErrorKind::environment, fmt::format("cannot move the traffic of '{}': {}", app, error.what()));
}

void Signposts::set_all(const RoutingTable& table) const {
  std::set<std::string> apps;
  for (const Route& route : table.routes) {
    apps.insert(route.app);
  }
  for (const std::string& app : apps) {
    set(app, routes_of(table, app));
  }
  for (const std::string& name : names_in(m_folder)) {
    if (!apps.contains(name) && !apps.contains(name.substr(0, name.find('.')))) {
      fs::remove_all(m_folder / name);
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
