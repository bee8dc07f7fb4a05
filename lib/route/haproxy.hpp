/// @file
/// Haproxy: the router that is driven over its runtime socket.
///
/// Servers come, go and change weight there within milliseconds, and the written configuration is made equal to it.
/// Where a way in is new or gone, HAProxy takes a new configuration over, with the sockets of the old one.
#pragma once

#include "config/settings.hpp"
#include "route/certificates.hpp"
#include "route/haproxy_socket.hpp"
#include "route/router.hpp"
#include "route/router_process.hpp"
#include "route/table_store.hpp"
#include "route/worker_counts.hpp"

#include <filesystem>
#include <map>

namespace teal::route {

class Haproxy final : public Router {
public:
  Haproxy(ServerSettings::Router settings, std::filesystem::path folder, const Environment& environment);

  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] bool is_running() override;
  [[nodiscard]] RouterStatus status() override;
  [[nodiscard]] RoutingTable table() override;
  void replace(std::string_view app, const std::vector<Route>& routes) override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;
  [[nodiscard]] bool can_weigh() const override { return true; }

private:
  void write(const RoutingTable& table, std::uint64_t generation);
  void require_valid() const;
  [[nodiscard]] std::vector<std::map<std::string, std::string>> server_states() const;
  /// A worker's row of a server.
  struct Statistics {
    pid_t worker = 0;
    std::string server; ///< "shop-live/c-0123456789ab"
    std::map<std::string, std::string> row;
  };
  [[nodiscard]] std::vector<Statistics> statistics(const std::vector<Route>& routes) const;
  static void note(const Statistics& one, WorkerCounts& counts);
  void keep_counts(const RoutingTable& table) const;
  void reload(const RoutingTable& before, const RoutingTable& after);
  void take_over(std::uint64_t generation) const;
  [[nodiscard]] std::int64_t failed_reloads() const;
  void await(std::uint64_t generation, std::int64_t known_failures = 0) const;
  void move(const std::vector<Route>& routes);
  void sweep(const std::vector<Route>& routes);
  [[nodiscard]] std::filesystem::path config_file() const { return m_folder / "haproxy.cfg"; }
  [[nodiscard]] std::filesystem::path counts_file() const { return m_folder / "counts.json"; }

  ServerSettings::Router m_settings;
  std::filesystem::path m_folder;
  TableStore m_store;
  Certificates m_certificates;
  RouterProcess m_process;
  HaproxySocket m_socket;
  HaproxySocket m_master; ///< the way to each worker, those of earlier configurations as well
  WorkerCounts m_counts;
};

} // namespace teal::route
