#include "route/table.hpp"

#include <algorithm>
#include <iterator>

namespace teal::route {

RoutingTable with_routes(RoutingTable table, std::string_view app, const std::vector<Route>& routes) {
  std::erase_if(table.routes, [&](const Route& route) { return route.app == app; });
  table.routes.insert(table.routes.end(), routes.begin(), routes.end());
  std::sort(table.routes.begin(), table.routes.end(),
            [](const Route& one, const Route& two) { return one.name() < two.name(); });
  return table;
}

std::vector<Route> routes_of(const RoutingTable& table, std::string_view app) {
  std::vector<Route> routes;
  std::copy_if(table.routes.begin(), table.routes.end(), std::back_inserter(routes),
               [&](const Route& route) { return route.app == app; });
  return routes;
}

bool same_entrances(const RoutingTable& one, const RoutingTable& other) {
  return std::equal(one.routes.begin(), one.routes.end(), other.routes.begin(), other.routes.end(),
                    [](Route left, Route right) {
                      left.servers.clear();
                      right.servers.clear();
                      return left == right;
                    });
}

bool is_weighed(const Route& route) {
  return std::count_if(route.servers.begin(), route.servers.end(),
                       [](const Server& server) { return server.weight > 0; }) > 1;
}

bool is_weighed(const RoutingTable& table) {
  return std::any_of(table.routes.begin(), table.routes.end(), [](const Route& route) { return is_weighed(route); });
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
