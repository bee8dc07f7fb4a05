/// @file
/// SignpostRouter: what the routers that follow signposts have in common. Traffic moves when a signpost is turned, and
/// the program is told nothing; it takes a new configuration over where a way in is new or gone. A kind says how its
/// program is asked and told.
///
/// Invariant: the table of the configuration that runs, with the servers that the signposts name, is what is routed,
/// wherever a change is cut short.
#pragma once

#include "config/settings.hpp"
#include "http/client.hpp"
#include "route/certificates.hpp"
#include "route/connection_counter.hpp"
#include "route/generation.hpp"
#include "route/router_description.hpp"
#include "route/router_process.hpp"
#include "route/signposts.hpp"
#include "route/table_generations.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

class SignpostRouter : public Router {
public:
  void up(const Check& check) override;
  bool down() override;
  [[nodiscard]] bool is_running() override { return pid().has_value(); }
  [[nodiscard]] RouterStatus status() override;
  [[nodiscard]] RoutingTable table() override;
  [[nodiscard]] std::vector<Route> routes(std::string_view app) override;
  void replace_all(const Changes& changes) override;
  [[nodiscard]] std::vector<Traffic> traffic(std::string_view app) override;
  [[nodiscard]] std::uint64_t in_flight(std::string_view app, std::string_view container) override;

protected:
  /// How a kind's program is run.
  struct Program {
    std::string name;
    std::vector<std::string> arguments; ///< to start it
    int ending = 0;                     ///< the signal that lets it end its requests
  };
  SignpostRouter(const ServerSettings::Router& settings, std::filesystem::path folder, Program program,
                 const Environment& environment);

  /// Of the program that routes for us; nothing where it does not run.
  [[nodiscard]] virtual std::optional<pid_t> pid() const;
  /// What is asked at its socket to be told of the configuration that it runs with.
  [[nodiscard]] virtual http::Request question() const = 0;
  [[nodiscard]] virtual std::string version() const = 0;
  /// What speaks against its working well, or nothing.
  [[nodiscard]] virtual std::string advice() const { return ""; }
  /// Those that are written for it, the one it is started with first.
  [[nodiscard]] virtual std::vector<std::filesystem::path> config_files() const = 0;
  virtual void write_configuration(const RoutingTable& table, std::uint64_t generation) const = 0;
  /// Throws Error if the program would refuse what is written.
  virtual void require_valid() const {}
  /// Whether its configurations follow the signposts at all.
  [[nodiscard]] virtual bool can_follow() const { return true; }
  /// Whether all that is different from the table that is `written` down for it is where signposts lead.
  [[nodiscard]] virtual bool is_told_by_signposts(const RoutingTable& written, const RoutingTable& wanted) const;
  /// Before a change from one table to the other is made.
  virtual void prepare(const RoutingTable& /*before*/, const RoutingTable& /*after*/) const {}
  /// Has the running program take over what is written, and returns when all new requests go by it. Throws Error.
  virtual void take_over(std::uint64_t generation) const = 0;
  /// The configuration before is written again, after one that could not be taken over.
  virtual void take_back() const {}

  [[nodiscard]] http::Response ask(http::Request request) const;
  [[nodiscard]] std::optional<Running> running() const;
  /// Until the program says that it runs with that configuration, and `is_ready`.
  void await(std::uint64_t generation, const std::function<bool()>& is_ready) const;

  [[nodiscard]] const ServerSettings::Router& settings() const { return m_settings; }
  [[nodiscard]] const std::filesystem::path& folder() const { return m_folder; }
  [[nodiscard]] const RouterProcess& process() const { return m_process; }

private:
  [[nodiscard]] std::filesystem::path socket() const { return m_folder / (m_program.name + ".sock"); }
  [[nodiscard]] RoutingTable table_of(const std::optional<Running>& now) const;
  void write(const RoutingTable& table, std::uint64_t generation) const;
  void turn(const Changes& changes, const RoutingTable& before, const RoutingTable& after, std::uint64_t running) const;
  void reload(const Changes& changes, const RoutingTable& before, const RoutingTable& after, const Running& now) const;

  ServerSettings::Router m_settings;
  std::filesystem::path m_folder;
  Program m_program;
  RouterProcess m_process;
  TableGenerations m_tables;
  Signposts m_signposts;
  ConnectionCounter m_connections;
  Certificates m_certificates;
};

} // namespace teal::route
