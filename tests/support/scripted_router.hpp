/// @file
/// ScriptedRouter: a routing table that sends nobody anywhere, and refuses what a test tells it to.
#pragma once

#include "core/error.hpp"
#include "route/router.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace teal {

/// The table, shared by the routers of a runner and of its threads.
struct ScriptedRoutes {
  std::mutex mutex;
  route::RoutingTable table;
  bool is_running = true;
  int changes = 0;                                          ///< that were made
  std::function<void(const route::Changes&)> before_change; ///< throws what refuses it
  std::function<void()> before_reading;                     ///< the same of whoever asks what is routed
  std::function<void()> before_counting;                    ///< and of whoever asks for counts
  std::vector<route::Traffic> counts;

  [[nodiscard]] std::vector<route::Route> of(const std::string& app) {
    const std::lock_guard lock(mutex);
    return route::routes_of(table, app);
  }
  /// The ids that a door's requests go to.
  [[nodiscard]] std::vector<std::string> behind(const std::string& app, const std::string& door) {
    std::vector<std::string> ids;
    for (const route::Route& route : of(app)) {
      for (const route::Server& server : route.servers) {
        if (route.door == door && server.weight > 0) {
          ids.push_back(server.container);
        }
      }
    }
    return ids;
  }
};

class ScriptedRouter final : public route::Router {
public:
  explicit ScriptedRouter(std::shared_ptr<ScriptedRoutes> routes) : m_routes(std::move(routes)) {}

  void up(const Check& check) override {
    route::RoutingTable checked = check(table());
    const std::lock_guard lock(m_routes->mutex);
    m_routes->table = std::move(checked);
    m_routes->is_running = true;
  }
  bool down() override {
    const std::lock_guard lock(m_routes->mutex);
    return std::exchange(m_routes->is_running, false);
  }
  [[nodiscard]] bool is_running() override {
    const std::lock_guard lock(m_routes->mutex);
    return m_routes->is_running;
  }
  [[nodiscard]] route::RouterStatus status() override { return {.running = is_running()}; }
  [[nodiscard]] route::RoutingTable table() override {
    if (m_routes->before_reading) {
      m_routes->before_reading();
    }
    const std::lock_guard lock(m_routes->mutex);
    return m_routes->table;
  }
  [[nodiscard]] std::vector<route::Route> routes(std::string_view app) override {
    return route::routes_of(table(), app);
  }
  void replace_all(const route::Changes& changes) override {
    if (m_routes->before_change) {
      m_routes->before_change(changes);
    }
    const std::lock_guard lock(m_routes->mutex);
    m_routes->table = route::with_changes(m_routes->table, changes);
    ++m_routes->changes;
  }
  [[nodiscard]] std::vector<route::Traffic> traffic(std::string_view /*app*/) override {
    if (m_routes->before_counting) {
      m_routes->before_counting();
    }
    return m_routes->counts;
  }
  [[nodiscard]] std::uint64_t in_flight(std::string_view /*app*/, std::string_view /*container*/) override { return 0; }

private:
  std::shared_ptr<ScriptedRoutes> m_routes;
};

} // namespace teal
