/// @file
/// HaproxyCounts: what HAProxy's workers say of their servers: the one that takes new requests, and those that still
/// end what an earlier configuration began. Each is asked for the routes in question by their names.
///
/// Invariant: while a route is weighed, what is counted for it never falls, though a worker that ends takes its counts
/// along.
#pragma once

#include "route/haproxy_socket.hpp"
#include "route/router.hpp"
#include "route/worker_counts.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class HaproxyCounts {
public:
  /// In the router's folder.
  explicit HaproxyCounts(const std::filesystem::path& folder)
      : m_master(folder / "master.sock"), m_file(folder / "counts.json") {}

  [[nodiscard]] std::vector<Traffic> traffic(const std::vector<Route>& routes);
  /// Of one container.
  [[nodiscard]] std::uint64_t in_flight(const std::vector<Route>& routes, std::string_view container) const;
  /// By server: "shop-live/c-0123456789ab".
  [[nodiscard]] std::map<std::string, std::uint64_t> in_flight(const std::vector<Route>& routes) const;
  /// Before a worker ends: those that a shift looks at.
  void keep(const RoutingTable& table) const;
  /// Before the first worker starts.
  void forget() const;

private:
  /// A worker's row of a server.
  struct Statistics {
    pid_t worker = 0;
    std::string server;
    HaproxyRow row;
  };
  [[nodiscard]] std::vector<Statistics> statistics(const std::vector<Route>& routes) const;
  static void note(const Statistics& one, WorkerCounts& counts);

  HaproxySocket m_master; ///< the way to each worker
  std::filesystem::path m_file;
  WorkerCounts m_counts;
};

} // namespace teal::route
