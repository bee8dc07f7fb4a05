#include "host/port_owner.hpp"
#include "host/socket_table.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"

#include <unistd.h>

#include <algorithm>

using namespace teal;

TEST_CASE("the process that listens on a port is found, by IPv4 and IPv6") {
  for (const bool v6 : {false, true}) {
    const Listener listener(v6);
    const auto owner = find_port_owner(listener.port());
    REQUIRE(owner);
    CHECK(owner->pid == ::getpid());
    CHECK(owner->program == program_of(::getpid()));
  }
}

TEST_CASE("a port on which nobody listens any more has no owner") {
  std::uint16_t port = 0;
  {
    const Listener listener;
    port = listener.port();
  }
  CHECK_FALSE(find_port_owner(port));
}

TEST_CASE("a program has the name of its file, and a process that is not there has none") {
  CHECK_THAT(program_of(::getpid()), ContainsSubstring("unit_host"));
  CHECK(program_of(-1).empty());
}

TEST_CASE("a listener on loopback is told from one that all can reach") {
  const Listener listener;
  const auto listeners = tcp_listeners(::getpid());
  const auto found = std::find_if(listeners.begin(), listeners.end(),
                                  [&](const TcpListener& entry) { return entry.port == listener.port(); });
  REQUIRE(found != listeners.end());
  CHECK(found->loopback);
  CHECK(found->inode != 0);
}
