#include "host/socket_peer.hpp"

#include "core/descriptor.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace teal {

std::optional<pid_t> find_listener(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof address.sun_path) {
    return std::nullopt;
  }
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return std::nullopt;
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  const int fault = ::getsockopt(connection.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return fault == 0 && peer.pid > 0 ? std::optional(peer.pid) : std::nullopt;
}

} // namespace teal
