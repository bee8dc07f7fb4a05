#include "http/tcp_probe.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/listener.hpp"

#include <set>

using namespace teal;
using namespace teal::http;

TEST_CASE("a listener accepts, by IPv4 and IPv6") {
  const Listener v4;
  CHECK_FALSE(why_no_connection("127.0.0.1", v4.port(), Milliseconds(1000)));
  const Listener v6(true);
  CHECK_FALSE(why_no_connection("::1", v6.port(), Milliseconds(1000)));
}

TEST_CASE("where nobody listens the connection is refused") {
  CHECK(why_no_connection("127.0.0.1", free_port(), Milliseconds(1000)) == "connection refused");
}

// Among so many the kernel chooses each port that it may choose as the near end of one, and so the one that is asked.
// To who connects it gives the even ones first (inet_hash_connect), and to who listens the odd ones.
TEST_CASE("who asks a port where nobody listens is never answered by itself") {
  const auto port = static_cast<std::uint16_t>(free_port() & ~1);
  std::set<std::optional<std::string>> answers;
  for (int i = 0; i < 60'000; ++i) {
    answers.insert(why_no_connection("127.0.0.1", port, Milliseconds(1000)));
  }
  CHECK(answers == std::set<std::optional<std::string>>{"connection refused"});
}

TEST_CASE("a host that does not answer is given up in time") {
  // TEST-NET-1 (RFC 5737) is nobody's: either silence, or a router's word.
  CHECK(why_no_connection("192.0.2.1", 80, Milliseconds(50)));
}

TEST_CASE("a name is no address: nothing is looked up") {
  CHECK(why_no_connection("localhost", 80, Milliseconds(50)) == "'localhost' is no address");
  CHECK(why_no_connection("", 80, Milliseconds(50)));
}
