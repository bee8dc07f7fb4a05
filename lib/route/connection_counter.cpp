#include "route/connection_counter.hpp"

#include "host/tcp_connections.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace teal::route {

namespace {

bool has_server(const std::vector<Route>& routes, const Server& wanted) {
  return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return std::any_of(route.servers.begin(), route.servers.end(),
                       [&](const Server& server) { return server.container == wanted.container; });
  });
}

} // namespace

void ConnectionCounter::note_change(std::string_view app, const RoutingTable& before, const RoutingTable& after) const {
  const std::vector<Route> present = routes_of(after, app);
  std::vector<Route> leaving;
  for (Route route : routes_of(before, app)) {
    std::erase_if(route.servers,
                  [&](const Server& server) { return has_server(present, server) || has_server(leaving, server); });
    if (!route.servers.empty()) {
      leaving.push_back(std::move(route));
    }
  }
  m_leaving.write(with_routes(m_leaving.read(), app, leaving));
}

std::vector<Traffic> ConnectionCounter::count(std::string_view app, const RoutingTable& now) const {
  std::vector<Traffic> all;
  std::set<std::string> counted;
  for (std::vector<Route> routes : {routes_of(now, app), routes_of(m_leaving.read(), app)}) {
    std::reverse(routes.begin(), routes.end()); // "live" is the last by name
    for (const Route& route : routes) {
      for (const Server& server : route.servers) {
        Traffic traffic{.route = route.name(), .container = server.container};
        if (counted.insert(server.container).second) {
          traffic.in_flight = count_connections(server.address, server.port);
        }
        all.push_back(std::move(traffic));
      }
    }
  }
  return all;
}

} // namespace teal::route
