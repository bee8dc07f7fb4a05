#include "http/tcp_probe.hpp"

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "http/self_connection.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace teal::http {

namespace {

struct FreeAddress {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};
using Address = std::unique_ptr<addrinfo, FreeAddress>;

Address resolve_numeric(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  return Address(fault == 0 ? found : nullptr);
}

std::optional<std::string> why_not(int socket, int fault) {
  if (fault == 0 && is_connected_to_itself(socket)) {
    fault = ECONNREFUSED;
  }
  return fault == 0 ? std::nullopt : std::optional(system_reason(fault));
}

} // namespace

std::optional<std::string> why_no_connection(const std::string& address, std::uint16_t port, Milliseconds timeout) {
  const Address to = resolve_numeric(address, port);
  if (!to) {
    return fmt::format("'{}' is no address", address);
  }
  const Descriptor socket(::socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket && ::connect(socket.number(), to->ai_addr, to->ai_addrlen) == 0) {
    return why_not(socket.number(), 0);
  }
  if (!socket || errno != EINPROGRESS) {
    return system_reason(errno);
  }
  pollfd waiting{socket.number(), POLLOUT, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) == 0) {
    return fmt::format("no answer within {}", format_duration(timeout));
  }
  int fault = 0;
  socklen_t size = sizeof fault;
  ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &fault, &size);
  return why_not(socket.number(), fault);
}

} // namespace teal::http
