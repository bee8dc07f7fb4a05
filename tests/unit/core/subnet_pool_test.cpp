#include "core/subnet_pool.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

Subnet subnet(const char* text) {
  return Subnet::parse(text).value();
}

} // namespace

TEST_CASE("a range is divided into subnets of one size") {
  SubnetPool pool(subnet("10.213.0.0/16"), 26);
  CHECK(pool.size() == 1024);
  CHECK(pool.free() == 1024);
  CHECK(pool.find_free(0) == subnet("10.213.0.0/26"));
  CHECK(pool.find_free(5) == subnet("10.213.1.64/26"));
  CHECK(pool.find_free(1023) == subnet("10.213.255.192/26"));
  CHECK(pool.find_free(1024) == subnet("10.213.0.0/26"));
}

TEST_CASE("a subnet that shares an address with another network is passed over") {
  SubnetPool pool(subnet("10.213.0.0/24"), 26);
  CHECK(pool.take(subnet("10.213.0.70/32")) == 1); // within the second
  CHECK(pool.find_free(1) == subnet("10.213.0.128/26"));
  CHECK(pool.take(subnet("10.213.0.64/25")) == 1); // that one again, and the first
  CHECK(pool.free() == 2);
  CHECK(pool.take(subnet("10.213.0.192/26")) == 1);
  CHECK(pool.find_free(3) == subnet("10.213.0.128/26"));
  CHECK(pool.take(subnet("10.213.0.128/26")) == 1);
  CHECK(pool.take(subnet("10.213.0.128/26")) == 0);
  CHECK(pool.free() == 0);
  CHECK_FALSE(pool.find_free(0));
}

TEST_CASE("networks beside a range take nothing of it and one around it takes all") {
  SubnetPool pool(subnet("10.213.0.0/16"), 26);
  CHECK(pool.take(subnet("10.212.0.0/16")) == 0);
  CHECK(pool.take(subnet("10.214.0.0/16")) == 0);
  CHECK(pool.take(subnet("192.168.0.0/16")) == 0);
  CHECK(pool.take(subnet("10.0.0.0/8")) == 1024);
  SubnetPool last(subnet("255.255.0.0/16"), 26);
  CHECK(last.take(subnet("0.0.0.0/0")) == 1024);
}
