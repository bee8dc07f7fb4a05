#include "route/table.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace teal::route {

namespace {

/// As their names are; these are made only where the apps' do not tell.
bool is_before(const Route& one, const Route& other) {
  const auto [left, right] = std::mismatch(one.app.begin(), one.app.end(), other.app.begin(), other.app.end());
  return left != one.app.end() && right != other.app.end()
             ? static_cast<unsigned char>(*left) < static_cast<unsigned char>(*right)
             : one.name() < other.name();
}

} // namespace

RoutingTable with_changes(RoutingTable table, const Changes& changes) {
  std::erase_if(table.routes, [&](const Route& route) { return changes.contains(route.app); });
  for (const auto& [app, routes] : changes) {
    table.routes.insert(table.routes.end(), routes.begin(), routes.end());
  }
  std::sort(table.routes.begin(), table.routes.end(), is_before);
  return table;
}

RoutingTable with_routes(RoutingTable table, std::string_view app, const std::vector<Route>& routes) {
  return with_changes(std::move(table), {{std::string(app), routes}});
}

Changes changes_back(const RoutingTable& table, const Changes& changes) {
  Changes back;
  for (const auto& [app, routes] : changes) {
    back[app];
  }
  for (const Route& route : table.routes) {
    if (const auto found = back.find(route.app); found != back.end()) {
      found->second.push_back(route);
    }
  }
  return back;
}

std::vector<Route> routes_of(const RoutingTable& table, std::string_view app) {
  std::vector<Route> routes;
  std::copy_if(table.routes.begin(), table.routes.end(), std::back_inserter(routes),
               [&](const Route& route) { return route.app == app; });
  return routes;
}

bool same_entrances(const RoutingTable& one, const RoutingTable& other) {
  return std::equal(one.routes.begin(), one.routes.end(), other.routes.begin(), other.routes.end(),
                    [](const Route& left, const Route& right) {
                      const auto of = [](const Route& route) {
                        return std::tie(route.app, route.door, route.bind, route.port, route.hosts, route.path,
                                        route.tls);
                      };
                      return of(left) == of(right);
                    });
}

bool is_weighed(const Route& route) {
  return std::count_if(route.servers.begin(), route.servers.end(),
                       [](const Server& server) { return server.weight > 0; }) > 1;
}

bool is_weighed(const RoutingTable& table) {
  return std::any_of(table.routes.begin(), table.routes.end(), [](const Route& route) { return is_weighed(route); });
}

bool is_counted(const Route& route) {
  return is_weighed(route) && std::any_of(route.servers.begin(), route.servers.end(),
                                          [](const Server& server) { return !server.has_peers; });
}

bool is_counted(const RoutingTable& table) {
  return std::any_of(table.routes.begin(), table.routes.end(), [](const Route& route) { return is_counted(route); });
}

std::vector<Route> shared_routes(const RoutingTable& table) {
  std::vector<Route> shared;
  std::copy_if(table.routes.begin(), table.routes.end(), std::back_inserter(shared),
               [](const Route& route) { return !route.hosts.empty(); });
  std::stable_sort(shared.begin(), shared.end(),
                   [](const Route& one, const Route& two) { return one.path.size() > two.path.size(); });
  return shared;
}

} // namespace teal::route
