#include "route/connection_counter.hpp"

#include "host/tcp_connections.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace teal::route {

namespace {

bool has_server(const std::vector<Route>& routes, const Server& wanted) {
  return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
    return std::any_of(route.servers.begin(), route.servers.end(),
                       [&](const Server& server) { return server.container == wanted.container; });
  });
}

} // namespace

void ConnectionCounter::note_changes(const Changes& changes, const RoutingTable& before) const {
  Changes noted;
  for (auto& [app, was] : changes_back(before, changes)) {
    const std::vector<Route>& present = changes.at(app);
    std::vector<Route>& leaving = noted[app];
    for (Route route : was) {
      std::erase_if(route.servers,
                    [&](const Server& server) { return has_server(present, server) || has_server(leaving, server); });
      if (!route.servers.empty()) {
        leaving.push_back(std::move(route));
      }
    }
  }
  m_leaving.write_changes(noted);
}

std::vector<Traffic> ConnectionCounter::count(std::string_view app, const std::vector<Route>& present) const {
  std::vector<Traffic> all;
  std::set<std::string> counted;
  for (std::vector<Route> routes : {present, m_leaving.routes(app)}) {
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

std::uint64_t ConnectionCounter::count_one(std::string_view app, std::string_view container,
                                           const std::vector<Route>& present) const {
  for (const std::vector<Route>& routes : {present, m_leaving.routes(app)}) {
    for (const Route& route : routes) {
      for (const Server& server : route.servers) {
        if (server.container == container) {
          return count_connections(server.address, server.port);
        }
      }
    }
  }
  return 0;
}

} // namespace teal::route
