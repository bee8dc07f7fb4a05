#include "engine/subnet.hpp"
#include "support/catch.hpp"

using namespace teal::engine;

TEST_CASE("a subnet is halved: the lower half is ours, the upper one the engine's") {
  const Subnet subnet = Subnet::parse("172.18.0.0/16").value();
  CHECK(subnet.text() == "172.18.0.0/16");
  CHECK(subnet.gateway() == "172.18.0.1");
  CHECK(subnet.upper_half() == "172.18.128.0/17");
  CHECK(subnet.free_address(0, {}) == "172.18.0.2");
  CHECK(subnet.free_address(300, {}) == "172.18.1.46");
}

TEST_CASE("an address that is taken is passed over, around the half, until none is left") {
  const Subnet subnet = Subnet::parse("10.0.0.16/28").value(); // ours: .18 to .23
  CHECK(subnet.free_address(5, {}) == "10.0.0.23");
  CHECK(subnet.free_address(5, {"10.0.0.23"}) == "10.0.0.18");
  CHECK(subnet.free_address(6, {"10.0.0.18", "10.0.0.19"}) == "10.0.0.20");
  CHECK_FALSE(subnet.free_address(0, {"10.0.0.18", "10.0.0.19", "10.0.0.20", "10.0.0.21", "10.0.0.22", "10.0.0.23"}));
}

TEST_CASE("what is no subnet that can be halved is not taken for one") {
  for (const char* text : {"", "172.18.0.0", "172.18.0/16", "172.18.0.0/", "172.18.0.0/0", "172.18.0.0/29", "fd00::/64",
                           "172.18.0.0/16x"}) {
    INFO(text);
    CHECK_FALSE(Subnet::parse(text));
  }
}
