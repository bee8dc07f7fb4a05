/// @file
/// Predecessor: the router of another kind that a home's settings named before, and that still runs: it holds the
/// ports.
///
/// Invariant: only a process that RouterProcess started is signalled. What it was asked is answered, within a limit.
#pragma once

#include "config/settings.hpp"
#include "route/router.hpp"
#include "route/router_process.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace teal::route {

class Predecessor {
public:
  /// Nothing if no router of ours of another kind than `settings` names runs in `folder`.
  [[nodiscard]] static std::optional<Predecessor>
  find(const ServerSettings::Router& settings, const std::filesystem::path& folder, const Environment& environment);

  /// "haproxy".
  [[nodiscard]] const std::string& name() const { return m_process.program(); }
  [[nodiscard]] int pid() const { return m_id.pid; }
  /// What it routes.
  [[nodiscard]] RoutingTable table() const { return m_router->table(); }
  /// Whether it shares its ports with another that does, so that the one can begin before the other ends.
  [[nodiscard]] bool shares_ports_with(ServerSettings::Router::Kind kind) const;
  /// From now on it accepts nothing. It still ends what it was asked.
  void let_go();
  /// Returns once nobody listens on the ports that it had before let_go(), at the latest after a while.
  void await_ports() const;
  /// Returns once it has ended, by itself, or else by force: false.
  bool await_end();
  /// It is to run again after let_go(), where its successor does not.
  void bring_back();

private:
  Predecessor(const ServerSettings::Router& settings, const std::filesystem::path& folder,
              const Environment& environment, std::string program);

  ServerSettings::Router m_settings;
  std::unique_ptr<Router> m_router;
  RouterProcess m_process;
  ProcessId m_id;
  std::set<std::uint16_t> m_ports; ///< that let_go() gives up
};

} // namespace teal::route
