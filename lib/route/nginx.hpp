/// @file
/// Nginx: the router that follows signposts, and takes a new configuration over where a way in is new or gone, or where
/// servers share requests by new weights.
///
/// A configuration is tested before it is taken over, and put back if it is refused. The change is made when no worker
/// of the earlier one accepts requests any more; those that it has, it ends. An nginx of somebody else's takes a
/// configuration over for every change.
#pragma once

#include "config/settings.hpp"
#include "route/certificates.hpp"
#include "route/connection_counter.hpp"
#include "route/generation.hpp"
#include "route/router.hpp"
#include "route/router_process.hpp"
#include "route/signposts.hpp"
#include "route/table_generations.hpp"

#include <filesystem>
#include <optional>
#include <set>

namespace teal::route {

class Nginx final : public Router {
public:
  Nginx(ServerSettings::Router settings, std::filesystem::path folder, const Environment& environment);

  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] bool is_running() override { return master().has_value(); }
  [[nodiscard]] RouterStatus status() override;
  [[nodiscard]] RoutingTable table() override;
  void replace(std::string_view app, const std::vector<Route>& routes) override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;
  [[nodiscard]] bool can_weigh() const override { return true; }

private:
  [[nodiscard]] bool is_foreign() const { return !m_settings.config.empty(); }
  [[nodiscard]] std::optional<pid_t> master() const;
  [[nodiscard]] std::optional<Running> running() const;
  void write(const RoutingTable& table, std::uint64_t generation);
  void write_configuration(const RoutingTable& table, std::uint64_t generation) const;
  void turn(std::string_view app, const RoutingTable& after, std::uint64_t running);
  void reload(std::string_view app, const RoutingTable& before, const RoutingTable& after);
  void test() const;
  void take_over(std::uint64_t generation, const std::set<pid_t>& earlier) const;
  void count_answers(const RoutingTable& table, std::vector<Traffic>& all) const;
  [[nodiscard]] std::filesystem::path part_file() const { return m_folder / "nginx-part.conf"; }
  /// The file that nginx is started with.
  [[nodiscard]] std::filesystem::path config_file() const;
  [[nodiscard]] std::filesystem::path access_log() const { return m_folder / "nginx-access.log"; }

  ServerSettings::Router m_settings;
  std::filesystem::path m_folder;
  RouterProcess m_process;
  TableGenerations m_tables;
  Signposts m_signposts;
  ConnectionCounter m_connections;
  Certificates m_certificates;
};

} // namespace teal::route
