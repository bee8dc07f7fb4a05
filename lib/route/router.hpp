/// @file
/// Router: what stands between the ports that people use and the containers, one kind a class.
///
/// Invariant: an app's routes are replaced whole and at once; several apps' are one change, made or not. No request
/// that was accepted before is cut off by it, and where the change fails, what was routed before still is. What the
/// running router says is the truth, its files follow.
#pragma once

#include "route/table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace teal::route {

/// What a server has done for a route since it came to it.
struct Traffic {
  std::string route;           ///< Route::name()
  std::string container;       ///< Server::container, or the beginning of one that has left the table
  std::uint64_t in_flight = 0; ///< requests and upgraded connections that have not ended
  std::uint64_t requests = 0;  ///< ended ones, counted by the router
  std::uint64_t errors = 0;    ///< of them, answered with 5xx or not at all
};

struct RouterStatus {
  bool running = false;
  int pid = 0;
  std::string version;   ///< "HAProxy 2.6.12"
  std::string config;    ///< path of the file that it runs with
  std::string complaint; ///< why what is there cannot be used, or empty
};

class Router {
public:
  Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  virtual ~Router() = default;

  /// Makes of the table that a router had the one that it starts with, before anybody else can change it.
  using Check = std::function<RoutingTable(RoutingTable)>;
  /// Starts the router with the table it had, once that was checked, or leaves a running one as it is. Throws
  /// Error(environment) if it is not installed or refuses its configuration, with its own words.
  virtual void up(const Check& check) = 0;
  void up() {
    up([](RoutingTable table) { return table; });
  }
  /// Lets it end; what it was asked already is answered first. Its table stays. False if it did not run.
  virtual bool down() = 0;
  [[nodiscard]] virtual bool is_running() = 0;
  [[nodiscard]] virtual RouterStatus status() = 0;

  /// What the running router routes; if none runs, what the next one would.
  [[nodiscard]] virtual RoutingTable table() = 0;
  /// Of that, what `app` has: costs as much however many others there are.
  [[nodiscard]] virtual std::vector<Route> routes(std::string_view app) = 0;
  /// Returns when new requests go where `changes` say. Throws Error(settings) if one comes in where another app's does,
  /// Error(environment), busy if another process changes the table for too long.
  virtual void replace_all(const Changes& changes) = 0;
  /// The same of one app.
  void replace(std::string_view app, const std::vector<Route>& routes) { replace_all({{std::string(app), routes}}); }
  /// Of the app's routes, each server in the table or still ending its requests.
  [[nodiscard]] virtual std::vector<Traffic> traffic(std::string_view app) = 0;
  /// How many requests and upgraded connections a container of the app's has not ended, by whatever route they came:
  /// asks for that server only.
  [[nodiscard]] virtual std::uint64_t in_flight(std::string_view app, std::string_view container) = 0;
};

} // namespace teal::route
