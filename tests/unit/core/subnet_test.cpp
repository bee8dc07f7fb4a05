#include "core/subnet.hpp"
#include "support/catch.hpp"

using namespace teal;

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

TEST_CASE("half of the smallest app's network is the engine's, less its last address") {
  const Subnet subnet = Subnet::parse("10.213.4.64/26").value();
  CHECK(subnet.gateway() == "10.213.4.65");
  CHECK(subnet.upper_half() == "10.213.4.96/27");
  CHECK(subnet.upper_addresses() == 31);
  CHECK(subnet.free_address(29, {}) == "10.213.4.95");
  CHECK(subnet.free_address(30, {}) == "10.213.4.66");
}

TEST_CASE("a subnet too small to give addresses from each half cannot be halved") {
  CHECK(Subnet::parse("172.18.0.0/28").value().can_be_halved());
  CHECK_FALSE(Subnet::parse("172.18.0.0/29").value().can_be_halved());
  CHECK_FALSE(Subnet::parse("0.0.0.0/0").value().can_be_halved());
}

TEST_CASE("an address within a subnet stands for the whole of it") {
  CHECK(Subnet::parse("172.18.3.4/16") == Subnet::parse("172.18.0.0/16"));
  CHECK(Subnet::parse("172.18.3.4/32").value().text() == "172.18.3.4/32");
  CHECK(Subnet::parse("10.1.2.3/0").value().size() == std::uint64_t{1} << 32U);
}

TEST_CASE("what is no subnet is not taken for one") {
  for (const char* text : {"", "172.18.0.0", "172.18.0/16", "172.18.0.0/", "172.18.0.0/-1", "172.18.0.0/33",
                           "fd00::/64", "172.18.0.0/16x"}) {
    INFO(text);
    CHECK_FALSE(Subnet::parse(text));
  }
}
