#include "host/port_trial.hpp"

#include "core/descriptor.hpp"
#include "core/text.hpp"
#include "host/port_owner.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

namespace teal {

namespace {

template <class Address>
int try_listening(int family, const Address& address) {
  const Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) {
    return errno; // IPv6, say, is switched off
  }
  const int yes = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  return ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

bool is_within(std::uint16_t port, std::string_view first, std::string_view last) {
  const auto from = parse_integer(trim(first));
  const auto to = parse_integer(trim(last));
  return from && to && *from <= port && port <= *to;
}

/// "8080" or "50100-50199"
bool is_within(std::uint16_t port, std::string_view span) {
  const auto dash = span.find('-');
  return is_within(port, span.substr(0, dash), dash == std::string_view::npos ? span : span.substr(dash + 1));
}

std::string first_line(const char* file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

} // namespace

int try_listening(const std::string& address, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    return try_listening(AF_INET, v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1 ? try_listening(AF_INET6, v6) : EINVAL;
}

std::string describe_holder(std::uint16_t port) {
  const auto owner = find_port_owner(port);
  return owner ? describe(*owner)
               : "an outgoing connection, for its life and a minute after (the sysctl net.ipv4.ip_local_reserved_ports "
                 "keeps such away)";
}

bool may_go_to_connections(std::uint16_t port, std::string_view range, std::string_view reserved) {
  const auto gap = range.find_first_of(" \t");
  if (gap == std::string_view::npos || !is_within(port, range.substr(0, gap), range.substr(gap))) {
    return false;
  }
  const auto spans = split(reserved, ',');
  return std::none_of(spans.begin(), spans.end(), [&](const std::string& span) { return is_within(port, span); });
}

bool may_go_to_connections(std::uint16_t port) {
  return may_go_to_connections(port, first_line("/proc/sys/net/ipv4/ip_local_port_range"),
                               first_line("/proc/sys/net/ipv4/ip_local_reserved_ports"));
}

} // namespace teal
