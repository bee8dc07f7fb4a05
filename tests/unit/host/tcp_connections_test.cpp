#include "host/tcp_connections.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/outgoing_connection.hpp"

#include <list>

using namespace teal;

TEST_CASE("connections to an address and port are counted as long as they last") {
  const Listener listener;
  const Listener other;
  const OutgoingConnection elsewhere(other.port());
  CHECK(count_connections("127.0.0.1", listener.port()) == 0);
  {
    const OutgoingConnection one(listener.port());
    CHECK(count_connections("127.0.0.1", listener.port()) == 1);
    const OutgoingConnection two(listener.port());
    CHECK(count_connections("127.0.0.1", listener.port()) == 2);
    CHECK(count_connections("127.0.0.2", listener.port()) == 0);
    CHECK(count_connections("127.0.0.1", other.port()) == 1);
  }
  CHECK(count_connections("127.0.0.1", listener.port()) == 0);
}

TEST_CASE("who has come in to a port is counted as long as he stays") {
  const Listener listener;
  const Listener other;
  {
    const OutgoingConnection one(listener.port());
    const OutgoingConnection two(other.port());
    CHECK(count_visitors({listener.port()}) == 1);
    CHECK(count_visitors({listener.port(), other.port()}) == 2);
  }
  CHECK(count_visitors({listener.port()}) == 0);
}

TEST_CASE("each of many connections is counted once, while others come and go") {
  const Listener listener;
  const Listener busy(false, 1024);
  const OutgoingConnection kept(listener.port());
  for (int i = 0; i < 300; ++i) {
    const OutgoingConnection passing(busy.port());
    CHECK(count_connections("127.0.0.1", listener.port()) == 1);
  }
}

TEST_CASE("more connections than one answer of the kernel tells are counted") {
  const Listener listener(false, 1024);
  std::list<OutgoingConnection> many;
  for (int i = 0; i < 900; ++i) {
    many.emplace_back(listener.port());
  }
  CHECK(count_connections("127.0.0.1", listener.port()) == 900);
}

TEST_CASE("what is no IPv4 address is refused") {
  CHECK_THROWS_WITH(count_connections("::1", 80), ContainsSubstring("it is no IPv4 address"));
}
