#include "route/entrance.hpp"

#include "core/error.hpp"
#include "host/port_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <vector>

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

bool is_any(const std::string& address) {
  return address == "0.0.0.0" || address == "::";
}

bool overlap(const Entrance& one, const Entrance& other) {
  return one.port == other.port && (one.address == other.address || is_any(one.address) || is_any(other.address));
}

[[noreturn]] void refuse_both(const std::string& place, const std::string& one, const std::string& other) {
  throw Error(ErrorKind::settings,
              fmt::format("{} is wanted by both {} and {}: give one of them another", place, one, other));
}

void require_ports_apart(const RoutingTable& table, const ServerSettings::Router& settings) {
  struct Claim {
    Entrance entrance;
    std::string who;
  };
  std::map<std::uint16_t, std::vector<Claim>> claims; // by port
  const auto claim = [&](const Entrance& entrance, const std::string& who) {
    for (const Claim& earlier : claims[entrance.port]) {
      if (overlap(earlier.entrance, entrance)) {
        refuse_both("port " + std::to_string(entrance.port), earlier.who, who);
      }
    }
    claims[entrance.port].push_back({entrance, who});
  };
  const auto shared = shared_routes(table);
  if (!shared.empty()) {
    claim({settings.bind, settings.listen}, "router.listen");
  }
  if (std::any_of(shared.begin(), shared.end(), [](const Route& route) { return route.tls.has_value(); })) {
    claim({settings.bind, settings.tls_listen}, "router.tls_listen");
  }
  for (const Route& route : table.routes) {
    if (route.port != 0) {
      claim({route.bind, route.port}, fmt::format("{} of '{}'", route.door, route.app));
    }
  }
}

void require_hosts_apart(const RoutingTable& table) {
  std::map<std::string, std::string> holders; // of what is behind "https://"
  for (const Route& route : table.routes) {
    for (const std::string& host : route.hosts) {
      const std::string place = host + (route.path.ends_with('/') ? route.path : route.path + "/");
      const auto [earlier, is_first] = holders.emplace(place, route.app);
      if (!is_first) {
        refuse_both(fmt::format("'{}'", place), fmt::format("'{}'", earlier->second), fmt::format("'{}'", route.app));
      }
    }
  }
}

} // namespace

std::set<std::uint16_t> ports_of(const RoutingTable& table, const ServerSettings::Router& settings) {
  std::set<std::uint16_t> ports;
  for (const Entrance& entrance : entrances(table, settings)) {
    ports.insert(entrance.port);
  }
  return ports;
}

void require_distinct(const RoutingTable& table, const ServerSettings::Router& settings) {
  require_ports_apart(table, settings);
  require_hosts_apart(table);
}

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
