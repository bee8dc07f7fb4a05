#include "http/rate_limit.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace std::chrono_literals;

namespace {
const http::RateLimit::Time k_start{};
}

TEST_CASE("a client may ask at once as often as its burst and then as time goes by") {
  http::RateLimit limit({.per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(limit.take("a", k_start));
  }
  CHECK(limit.take("a", k_start) == 100ms);
  CHECK(limit.take("a", k_start + 40ms) == 60ms);
  CHECK_FALSE(limit.take("a", k_start + 100ms));
  CHECK(limit.take("a", k_start + 100ms) == 100ms);
  CHECK_FALSE(limit.take("b", k_start + 100ms));
}

TEST_CASE("a bucket does not grow beyond its burst however long nobody asks") {
  http::RateLimit limit({.per_second = 10, .burst = 2});
  CHECK_FALSE(limit.take("a", k_start));
  CHECK_FALSE(limit.take("a", k_start + 1h));
  CHECK_FALSE(limit.take("a", k_start + 1h));
  CHECK(limit.take("a", k_start + 1h));
}

TEST_CASE("of more clients than are remembered the one that asked longest ago is forgotten") {
  http::RateLimit limit({.per_second = 1, .burst = 1, .keys = 2});
  CHECK_FALSE(limit.take("a", k_start));
  CHECK_FALSE(limit.take("b", k_start));
  CHECK(limit.take("a", k_start));
  CHECK_FALSE(limit.take("c", k_start)); // in b's place
  CHECK(limit.size() == 2);
  CHECK(limit.take("a", k_start));
  CHECK_FALSE(limit.take("b", k_start));
}

TEST_CASE("a clock that goes back gives nobody tokens") {
  http::RateLimit limit({.per_second = 10, .burst = 1});
  CHECK_FALSE(limit.take("a", k_start + 10s));
  CHECK(limit.take("a", k_start) == 100ms);
  CHECK(limit.take("a", k_start + 10s) == 100ms);
}

TEST_CASE("asking how long to wait takes nothing and remembers nobody") {
  http::RateLimit limit({.per_second = 10, .burst = 1});
  CHECK_FALSE(limit.wait("a", k_start));
  CHECK(limit.size() == 0);
  CHECK_FALSE(limit.take("a", k_start));
  CHECK(limit.wait("a", k_start + 40ms) == 60ms);
  CHECK(limit.wait("a", k_start + 40ms) == 60ms);
  CHECK_FALSE(limit.wait("a", k_start + 100ms));
}
