/// @file
/// Haproxy: the router that is driven over its runtime socket.
///
/// Servers come, go and change weight there within milliseconds, and the written configuration is made equal to it,
/// whatever number of apps there is.
/// Where a way in is new or gone, or an app's first server comes, HAProxy takes a new configuration over, with the
/// sockets of the old one.
#pragma once

#include "config/settings.hpp"
#include "route/certificates.hpp"
#include "route/haproxy_counts.hpp"
#include "route/haproxy_socket.hpp"
#include "route/router_description.hpp"
#include "route/router_process.hpp"
#include "route/table_store.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class Haproxy final : public Router {
public:
  Haproxy(ServerSettings::Router settings, std::filesystem::path folder, const Environment& environment);

  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] bool is_running() override;
  [[nodiscard]] RouterStatus status() override;
  [[nodiscard]] RoutingTable table() override;
  [[nodiscard]] std::vector<Route> routes(std::string_view app) override;
  void replace_all(const Changes& changes) override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;
  [[nodiscard]] std::uint64_t in_flight(std::string_view app, std::string_view container) override;

private:
  using States = std::map<std::string, std::map<std::string, HaproxyRow>>; ///< by backend, then by server
  [[nodiscard]] States states(const std::vector<Route>& routes) const;
  [[nodiscard]] RoutingTable as_it_runs(RoutingTable written, const std::vector<std::string>& questions);
  void write(const RoutingTable& table, std::uint64_t generation);
  [[nodiscard]] std::optional<std::string> config_to_move(const RoutingTable& before, const RoutingTable& after);
  void move(const RoutingTable& before, const RoutingTable& after, const std::string& config);
  void order(const std::vector<Route>& routes) const;
  void sweep(const std::vector<Route>& routes) const;
  void reload(const RoutingTable& before, const RoutingTable& after, const RoutingTable& changed);
  void take_over(std::uint64_t generation) const;
  [[nodiscard]] std::int64_t failed_reloads() const;
  void await(std::uint64_t generation, std::int64_t known_failures = 0) const;
  [[nodiscard]] std::filesystem::path config_file() const { return m_folder / "haproxy.cfg"; }

  ServerSettings::Router m_settings;
  std::filesystem::path m_folder;
  TableStore m_store;
  Certificates m_certificates;
  RouterProcess m_process;
  HaproxySocket m_socket;
  HaproxySocket m_master; ///< says how reloads went
  HaproxyCounts m_counts;
};

[[nodiscard]] RouterDescription haproxy_description();

} // namespace teal::route
