#include "traffic/routes.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

namespace teal {

namespace {

constexpr unsigned k_full_weight = 100;

/// At the port it was made with, whatever the settings say now.
std::optional<route::Server> server_of(const Running& running, unsigned weight) {
  if (!running.runs || running.address.empty()) {
    return std::nullopt;
  }
  const std::uint16_t port = running.port != 0 ? running.port : k_usual_port;
  return route::Server{running.id, running.address, port, weight};
}

/// One for each of what serves the color.
void add_servers(route::Route& route, const Placement& placement, Color color, unsigned weight) {
  const auto found = placement.serving.find(color);
  if (found == placement.serving.end()) {
    return;
  }
  for (const Running& running : each_of(found->second)) {
    if (auto server = server_of(running, weight)) {
      route.servers.push_back(std::move(*server));
    }
  }
}

/// Where all of them are of one color.
void note_peers(route::Route& route) {
  for (route::Server& server : route.servers) {
    server.has_peers = route.servers.size() > 1;
  }
}

std::size_t servers_of(const Placement& placement, Color color) {
  route::Route route;
  add_servers(route, placement, color, k_full_weight);
  return route.servers.size();
}

/// A color's part of the traffic is that of all its servers, however many the other one has.
void add_shared(route::Route& route, const Placement& placement) {
  std::map<Color, std::size_t> weights;
  std::size_t heaviest = 1;
  for (const auto& [color, share] : placement.shares) {
    weights[color] = share * std::max(servers_of(placement, other(color)), std::size_t{1});
    heaviest = std::max(heaviest, weights[color]);
  }
  const std::size_t divisor = (heaviest + route::k_most_weight - 1) / route::k_most_weight;
  for (const auto& [color, weight] : weights) {
    add_servers(route, placement, color,
                weight == 0 ? 0 : static_cast<unsigned>(std::max(weight / divisor, std::size_t{1})));
  }
}

route::Route color_route(std::string_view app, const AppSettings& settings, const Placement& placement, Color color) {
  route::Route route{.app = std::string(app),
                     .door = std::string(to_string(color)),
                     .bind = settings.bind,
                     .port = settings.ports.at(color)};
  add_servers(route, placement, color, k_full_weight);
  note_peers(route);
  return route;
}

route::Route live_route(std::string_view app, const AppSettings& settings, const std::optional<route::Tls>& tls,
                        const Placement& placement) {
  route::Route route{.app = std::string(app),
                     .door = "live",
                     .bind = settings.bind,
                     .port = settings.route.port,
                     .hosts = settings.route.hosts,
                     .path = settings.route.path,
                     .tls = tls};
  if (!placement.shares.empty()) {
    add_shared(route, placement);
  } else if (placement.live) {
    add_servers(route, placement, *placement.live, k_full_weight);
    note_peers(route);
  }
  return route;
}

bool publishes_itself(const Placement& placement, Color color) {
  const auto found = placement.serving.find(color);
  return found != placement.serving.end() && found->second.published != 0;
}

} // namespace

std::vector<route::Route> routes_for(std::string_view app, const AppSettings& settings,
                                     const std::optional<route::Tls>& tls, const Placement& placement) {
  std::vector<route::Route> routes;
  for (const Color color : k_colors) {
    if (!publishes_itself(placement, color)) {
      routes.push_back(color_route(app, settings, placement, color));
    }
  }
  if (settings.route.port != 0 || !settings.route.hosts.empty()) {
    routes.push_back(live_route(app, settings, tls, placement));
  }
  return routes;
}

} // namespace teal
