#include "http/tcp_probe.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace teal::http {

namespace {

struct FreeAddress {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};
using Address = std::unique_ptr<addrinfo, FreeAddress>;

class Socket {
public:
  explicit Socket(int family) : m_descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (m_descriptor >= 0) {
      ::close(m_descriptor);
    }
  }
  [[nodiscard]] int descriptor() const { return m_descriptor; }

private:
  int m_descriptor;
};

std::string words_for(int fault) {
  std::string words = std::generic_category().message(fault);
  words.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(words.front())));
  return words;
}

Address resolve_numeric(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  return Address(found);
}

} // namespace

std::optional<std::string> why_no_connection(const std::string& address, std::uint16_t port, Milliseconds timeout) {
  const Address to = resolve_numeric(address, port);
  if (!to) {
    return fmt::format("'{}' is no address", address);
  }
  const Socket socket(to->ai_family);
  if (socket.descriptor() >= 0 && ::connect(socket.descriptor(), to->ai_addr, to->ai_addrlen) == 0) {
    return std::nullopt;
  }
  if (socket.descriptor() < 0 || errno != EINPROGRESS) {
    return words_for(errno);
  }
  pollfd waiting{socket.descriptor(), POLLOUT, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) == 0) {
    return fmt::format("no answer within {}", format_duration(timeout));
  }
  int fault = 0;
  socklen_t size = sizeof fault;
  ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &fault, &size);
  return fault == 0 ? std::nullopt : std::optional(words_for(fault));
}

} // namespace teal::http
