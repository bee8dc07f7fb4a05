/// @file
/// Caddy: the router that follows signposts, and is told over its admin API where a way in is new or gone.
///
/// It takes a whole configuration at once, or none of it. Version 2.6 cannot weigh, and ends upgraded connections with
/// every configuration.
#pragma once

#include "config/settings.hpp"
#include "http/client.hpp"
#include "route/certificates.hpp"
#include "route/connection_counter.hpp"
#include "route/generation.hpp"
#include "route/router.hpp"
#include "route/router_process.hpp"
#include "route/signposts.hpp"
#include "route/table_generations.hpp"

#include <filesystem>
#include <optional>

namespace teal::route {

class Caddy final : public Router {
public:
  Caddy(const ServerSettings::Router& settings, std::filesystem::path folder, Environment environment);

  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] bool is_running() override { return m_process.find().has_value(); }
  [[nodiscard]] RouterStatus status() override;
  [[nodiscard]] RoutingTable table() override;
  void replace(std::string_view app, const std::vector<Route>& routes) override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;
  [[nodiscard]] bool can_weigh() const override { return false; }

private:
  [[nodiscard]] http::Response ask(std::string_view method, const std::string& target,
                                   const std::string& body = {}) const;
  [[nodiscard]] std::optional<Running> running() const;
  void write(const RoutingTable& table, std::uint64_t generation);
  void write_configuration(const RoutingTable& table, std::uint64_t generation) const;
  void turn(std::string_view app, const RoutingTable& after, std::uint64_t running);
  void reload(std::string_view app, const RoutingTable& before, const RoutingTable& after);
  void take_over(std::uint64_t generation) const;
  void await(std::uint64_t generation) const;
  [[nodiscard]] std::filesystem::path config_file() const { return m_folder / "caddy.json"; }

  ServerSettings::Router m_settings;
  std::filesystem::path m_folder;
  RouterProcess m_process;
  TableGenerations m_tables;
  Signposts m_signposts;
  ConnectionCounter m_connections;
  Certificates m_certificates;
};

} // namespace teal::route
