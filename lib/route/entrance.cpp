#include "route/entrance.hpp"

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "process/port_owner.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace teal::route {

namespace {

/// 0, or why nobody could listen there. Routers let their successors share a port (SO_REUSEPORT), and so does this.
template <class Address>
int try_binding(int family, const Address& address) {
  const Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  return ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

int try_binding(const Entrance& entrance) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(entrance.port);
  if (::inet_pton(AF_INET, entrance.address.c_str(), &v4.sin_addr) == 1) {
    return try_binding(AF_INET, v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(entrance.port);
  return ::inet_pton(AF_INET6, entrance.address.c_str(), &v6.sin6_addr) == 1 ? try_binding(AF_INET6, v6) : EINVAL;
}

void require_free(const Entrance& entrance) {
  const int fault = try_binding(entrance);
  if (fault == 0) {
    return;
  }
  const auto owner = fault == EADDRINUSE ? find_port_owner(entrance.port) : std::nullopt;
  throw Error(ErrorKind::environment,
              fmt::format("the router cannot listen on port {} of {}: {}", entrance.port, entrance.address,
                          owner ? "it is in use by " + describe(*owner) : system_reason(fault)));
}

} // namespace

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
