#include "route/entrance.hpp"

#include "core/error.hpp"
#include "process/port_trial.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace teal::route {

namespace {

void require_free(const Entrance& entrance) {
  const int fault = try_listening(entrance.address, entrance.port);
  if (fault == 0) {
    return;
  }
  throw Error(
      ErrorKind::environment,
      fmt::format("the router cannot listen on port {} of {}: {}", entrance.port, entrance.address,
                  fault == EADDRINUSE ? "it is in use by " + describe_holder(entrance.port) : system_reason(fault)));
}

} // namespace

std::string to_string(const Entrance& entrance) {
  return entrance.address.find(':') == std::string::npos ? fmt::format("{}:{}", entrance.address, entrance.port)
                                                         : fmt::format("[{}]:{}", entrance.address, entrance.port);
}

std::set<Entrance> entrances(const RoutingTable& table, const ServerSettings::Router& settings) {
  std::set<Entrance> all;
  for (const Route& route : table.routes) {
    if (route.port != 0) {
      all.insert({route.bind, route.port});
    }
    if (!route.hosts.empty()) {
      all.insert({settings.bind, settings.listen});
    }
    if (!route.hosts.empty() && route.tls) {
      all.insert({settings.bind, settings.tls_listen});
    }
  }
  return all;
}

void require_free_entrances(const std::set<Entrance>& wanted, const std::set<Entrance>& held) {
  for (const Entrance& entrance : wanted) {
    if (!held.contains(entrance)) {
      require_free(entrance);
    }
  }
}

} // namespace teal::route
