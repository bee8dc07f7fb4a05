#include "host/port_trial.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/outgoing_connection.hpp"

#include <cerrno>

using namespace teal;

namespace {

std::uint16_t port_that_was_free() {
  const Listener listener;
  return listener.port();
}

} // namespace

TEST_CASE("a free port can be listened on, by IPv4 and IPv6") {
  const std::uint16_t port = port_that_was_free();
  for (const char* address : {"127.0.0.1", "0.0.0.0", "::1", "::"}) {
    INFO(address);
    CHECK(try_listening(address, port) == 0);
  }
}

TEST_CASE("a port on which a program listens is in that program's hands") {
  const Listener listener;
  CHECK(try_listening("0.0.0.0", listener.port()) == EADDRINUSE);
  CHECK_THAT(describe_holder(listener.port()), ContainsSubstring("pid ") && ContainsSubstring("unit_host"));
}

TEST_CASE("a port that an outgoing connection got is in nobody's hands, and cannot be listened on") {
  const Listener listener;
  const OutgoingConnection connection(listener.port());
  CHECK(try_listening("0.0.0.0", connection.port()) == EADDRINUSE);
  CHECK_THAT(describe_holder(connection.port()),
             ContainsSubstring("outgoing connection") && ContainsSubstring("ip_local_reserved_ports"));
}

TEST_CASE("what is no address of this host is refused in the kernel's words") {
  CHECK(try_listening("192.0.2.1", port_that_was_free()) == EADDRNOTAVAIL);
  CHECK(try_listening("localhost", port_that_was_free()) == EINVAL);
}

TEST_CASE("ports of the local range go to connections unless they are reserved") {
  const char* const range = "32768\t60999";
  CHECK(may_go_to_connections(32768, range, ""));
  CHECK(may_go_to_connections(60999, range, "8080"));
  CHECK_FALSE(may_go_to_connections(32767, range, ""));
  CHECK_FALSE(may_go_to_connections(61000, range, ""));
  CHECK_FALSE(may_go_to_connections(50100, range, "8080,50100-50199"));
  CHECK_FALSE(may_go_to_connections(50199, range, "8080,50100-50199"));
  CHECK(may_go_to_connections(50200, range, "8080,50100-50199"));
  CHECK_FALSE(may_go_to_connections(50100, range, "50100"));
  CHECK_FALSE(may_go_to_connections(50100, "", ""));
}
