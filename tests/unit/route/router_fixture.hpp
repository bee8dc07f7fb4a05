/// @file
/// TestRouter: a real router of each kind, in a folder of its own, that is gone when it leaves scope.
#pragma once

#include "config/router_kinds.hpp"
#include "route/router_factory.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/kernel.hpp"
#include "support/temp_folder.hpp"
#include "unit/route/backend.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace teal {

using RouterKind = ServerSettings::Router::Kind;

inline std::vector<RouterKind> router_kinds_where(const std::function<bool(const route::RouterDescription&)>& holds) {
  std::vector<RouterKind> kinds;
  for (const auto& [name, kind] : router_kinds()) {
    if (kind != RouterKind::none && holds(route::describe_router(kind))) {
      kinds.push_back(kind);
    }
  }
  return kinds;
}

/// Every test of a router is one of all of these.
inline const std::vector<RouterKind> k_router_kinds = router_kinds_where([](const auto&) { return true; });
inline const std::vector<RouterKind> k_weighing_router_kinds =
    router_kinds_where([](const auto& kind) { return kind.can_weigh; });

/// Somebody who is not root may not have sbin on the path; the router's own tests must not depend on who runs them.
inline Environment router_environment() {
  return {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
}

class TestRouter {
public:
  explicit TestRouter(RouterKind kind) {
    let_kernel_hand_connections_over();
    m_settings.kind = kind;
    m_settings.bind = "127.0.0.1";
    m_settings.listen = free_port();
    m_settings.tls_listen = free_port();
    m_router = another();
  }
  TestRouter(const TestRouter&) = delete;
  TestRouter& operator=(const TestRouter&) = delete;
  ~TestRouter() {
    try {
      m_router->down();
    } catch (const std::exception& error) {
      fmt::print(stderr, "a router of the tests does not end: {}\n", error.what());
    }
  }

  /// One that a second process would have, in the same folder.
  [[nodiscard]] std::unique_ptr<route::Router> another(const Environment& environment = router_environment()) const {
    return route::make_router(m_settings, folder(), environment);
  }
  [[nodiscard]] route::Router* operator->() const { return m_router.get(); }
  [[nodiscard]] std::filesystem::path folder() const { return m_folder.path() / "router"; }
  [[nodiscard]] const ServerSettings::Router& settings() const { return m_settings; }
  /// As the kernel does when it runs out of memory.
  void kill() const { ::kill(m_router->status().pid, SIGKILL); }

private:
  TempFolder m_folder;
  ServerSettings::Router m_settings;
  std::unique_ptr<route::Router> m_router;
};

/// A route with a port of its own.
inline route::Route route_at(std::uint16_t port, std::vector<route::Server> servers, const std::string& app = "shop",
                             const std::string& door = "live") {
  route::Route route;
  route.app = app;
  route.door = door;
  route.bind = "127.0.0.1";
  route.port = port;
  route.servers = std::move(servers);
  return route;
}

/// A route by host name and path, on the ports that apps share.
inline route::Route route_by(const std::string& host, const std::string& path, std::vector<route::Server> servers,
                             const std::string& app) {
  route::Route route;
  route.app = app;
  route.door = "live";
  route.bind = "127.0.0.1";
  route.hosts = {host};
  route.path = path;
  route.servers = std::move(servers);
  return route;
}

inline route::Traffic traffic_of(route::Router& router, const route::Server& server) {
  route::Traffic sum{.route = "shop-live", .container = server.container};
  for (const route::Traffic& one : router.traffic("shop")) {
    if (one.route == sum.route && !one.container.empty() && server.container.starts_with(one.container)) {
      sum.in_flight += one.in_flight;
      sum.requests += one.requests;
      sum.errors += one.errors;
    }
  }
  return sum;
}

} // namespace teal
