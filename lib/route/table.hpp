/// @file
/// RoutingTable: where requests come in, and which containers answer them. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

inline constexpr unsigned k_most_weight = 256; ///< as HAProxy and nginx take them

/// A container, or a Swarm's task, that a route sends requests to.
struct Server {
  std::string container; ///< its id at the engine, told from all others by 12 characters: says who is meant, whoever
                         ///< has the address
  std::string address;   ///< IPv4, in the app's own network, or a node's
  std::uint16_t port = 0;
  unsigned weight = 100;  ///< its share of new requests, 0 to 256; with 0 it only ends what it is at
  bool has_peers = false; ///< replicas of it, which get its requests while it cannot be reached
  bool operator==(const Server&) const = default;
};

/// A certificate that is given; or one that the router gets and renews by itself, where it can.
struct Tls {
  std::string certificate; ///< where it comes from: a PEM file, absolute
  std::string key;         ///< the same of its key
  std::string digest;      ///< of the content of both, hex: another one is another certificate
  bool automatic = false;
  bool operator==(const Tls&) const = default;
};

/// One way in. It has a port of its own, or shares the router's ports by host name and path.
struct Route {
  std::string app;
  std::string door;               ///< "blue", "green" or "live"
  std::string bind;               ///< numeric address of the own port
  std::uint16_t port = 0;         ///< 0: it has none
  std::vector<std::string> hosts; ///< on the shared ports; empty: not there
  std::string path = "/";         ///< the beginning of the paths it gets there, whole segments; not stripped
  std::optional<Tls> tls;         ///< of `hosts`
  std::vector<Server> servers;    ///< none, or none with weight: requests get a 503 that names the app
  [[nodiscard]] std::string name() const { return app + "-" + door; }
  bool operator==(const Route&) const = default;
};

struct RoutingTable {
  std::vector<Route> routes;
  bool operator==(const RoutingTable&) const = default;
};

/// By app, all the routes that it is to have; none: it is gone.
using Changes = std::map<std::string, std::vector<Route>, std::less<>>;

/// `table` after `changes`, by name.
[[nodiscard]] RoutingTable with_changes(RoutingTable table, const Changes& changes);
/// The same of one app.
[[nodiscard]] RoutingTable with_routes(RoutingTable table, std::string_view app, const std::vector<Route>& routes);
/// All that it has of the apps that `changes` name: what would undo them.
[[nodiscard]] Changes changes_back(const RoutingTable& table, const Changes& changes);
[[nodiscard]] std::vector<Route> routes_of(const RoutingTable& table, std::string_view app);
/// The same ways in, in the same order, whatever servers are behind them.
[[nodiscard]] bool same_entrances(const RoutingTable& one, const RoutingTable& other);
/// Whether it goes to more than one server.
[[nodiscard]] bool is_weighed(const Route& route);
[[nodiscard]] bool is_weighed(const RoutingTable& table);
/// Whether their errors are counted then, and compared: they are no replicas of one another.
[[nodiscard]] bool is_counted(const Route& route);
[[nodiscard]] bool is_counted(const RoutingTable& table);
/// Those that come in by host name, the longest path first.
[[nodiscard]] std::vector<Route> shared_routes(const RoutingTable& table);

} // namespace teal::route
