#include "core/descriptor.hpp"
#include "http/self_connection.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

using namespace teal;
using namespace teal::http;

namespace {

/// From a port of its own to one of loopback.
Descriptor connect_from(std::uint16_t own, std::uint16_t to) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(own);
  REQUIRE(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  address.sin_port = htons(to);
  REQUIRE(::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

} // namespace

TEST_CASE("a socket that was connected to its own port is told from one that somebody answers") {
  const std::uint16_t port = free_port();
  CHECK(is_connected_to_itself(connect_from(port, port).number()));
  const Listener listener;
  CHECK_FALSE(is_connected_to_itself(connect_from(free_port(), listener.port()).number()));
}

TEST_CASE("what is not connected is not connected to itself") {
  CHECK_FALSE(is_connected_to_itself(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).number()));
  CHECK_FALSE(is_connected_to_itself(-1));
}
