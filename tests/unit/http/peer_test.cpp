#include "core/error.hpp"
#include "http/peer.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

std::string client(const std::vector<std::string>& trusted, const std::string& peer,
                   const std::vector<std::string>& forwarded) {
  http::ServerRequest request;
  request.peer = peer;
  for (const std::string& value : forwarded) {
    request.headers.add("x-forwarded-for", value);
  }
  return http::TrustedProxies(trusted).client_of(request);
}

} // namespace

TEST_CASE("what somebody who is not trusted says of where it comes from is not believed") {
  CHECK(client({}, "192.0.2.1", {"10.0.0.1"}) == "192.0.2.1");
  CHECK(client({"10.0.0.0/8"}, "192.0.2.1", {"10.0.0.1"}) == "192.0.2.1");
}

TEST_CASE("behind trusted proxies the client is the first from the right that is not one") {
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {"198.51.100.7"}) == "198.51.100.7");
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {"1.1.1.1, 198.51.100.7 , 10.2.3.4"}) == "198.51.100.7");
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {"1.1.1.1", "198.51.100.7"}) == "198.51.100.7");
  CHECK(client({"::1", "127.0.0.1"}, "::1", {"2001:db8::1"}) == "2001:db8::1");
  CHECK(client({"127.0.0.1"}, "127.0.0.1", {"[2001:DB8::1]:443"}) == "2001:db8::1");
  CHECK(client({"127.0.0.1"}, "127.0.0.1", {"198.51.100.7:5000"}) == "198.51.100.7");
}

TEST_CASE("where all are trusted the leftmost is the client and what is no address ends the walk") {
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {"10.9.9.9, 10.2.3.4"}) == "10.9.9.9");
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {"1.1.1.1, unknown, 10.2.3.4"}) == "10.2.3.4");
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {}) == "10.0.0.1");
  CHECK(client({"10.0.0.0/8"}, "10.0.0.1", {" "}) == "10.0.0.1");
}

TEST_CASE("a range counts its prefix's bits and an IPv4 address is the same inside IPv6") {
  CHECK(client({"10.1.2.128/25"}, "10.1.2.127", {"1.1.1.1"}) == "10.1.2.127");
  CHECK(client({"10.1.2.128/25"}, "10.1.2.129", {"1.1.1.1"}) == "1.1.1.1");
  CHECK(client({"0.0.0.0/0"}, "::ffff:10.1.2.3", {"1.1.1.1"}) == "1.1.1.1");
  CHECK(client({"0.0.0.0/0"}, "fd00::1", {"1.1.1.1"}) == "fd00::1");
}

TEST_CASE("what is no range is refused") {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0", "localhost", "fd00::/129"}) {
    CHECK_THROWS_WITH(http::TrustedProxies({text}), ContainsSubstring("is no address and no range of them"));
  }
}

TEST_CASE("a client of IPv6 is counted by its network") {
  CHECK(http::rate_key("192.0.2.1") == "192.0.2.1");
  CHECK(http::rate_key("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::");
}
