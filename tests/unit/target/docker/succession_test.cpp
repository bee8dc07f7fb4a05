#include "support/catch.hpp"
#include "target/docker/succession.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

using namespace teal;

namespace {

constexpr std::array k_places{Place::current, Place::next, Place::retired};

Claimant& of(Claims& claims, Place place) {
  return place == Place::current ? claims.current : place == Place::next ? claims.next : claims.retired;
}

/// Each combination of who is there, gets requests and has failed.
std::vector<Claims> all_claims() {
  std::vector<Claims> all;
  for (unsigned bits = 0; bits < 1U << 9U; ++bits) {
    Claims claims;
    unsigned rest = bits;
    for (const Place place : k_places) {
      of(claims,
         place) = {.is_there = (rest & 1U) != 0, .gets_requests = (rest & 2U) != 0, .has_failed = (rest & 4U) != 0};
      rest >>= 3U;
    }
    all.push_back(claims);
  }
  return all;
}

std::string text_of(Claims claims) {
  std::string text;
  for (const Place place : k_places) {
    const Claimant& one = of(claims, place);
    text += !one.is_there
                ? "- "
                : fmt::format("there{}{} ", one.gets_requests ? "+routed" : "", one.has_failed ? "+failed" : "");
  }
  return text;
}

bool is_routed(const Claimant& one) {
  return one.is_there && one.gets_requests;
}
bool is_good(const Claimant& one) {
  return one.is_there && !one.has_failed;
}

} // namespace

TEST_CASE("whatever is there, the heir is there, and what gets requests comes first") {
  for (Claims claims : all_claims()) {
    INFO("current, next, retired: " << text_of(claims));
    const auto heir = heir_of(claims);
    const bool any_routed = is_routed(claims.current) || is_routed(claims.next) || is_routed(claims.retired);
    if (heir) {
      CHECK(of(claims, *heir).is_there);
    }
    if (any_routed) {
      REQUIRE(heir);
      CHECK(is_routed(of(claims, *heir)));
    }
  }
}

TEST_CASE("a current container that is good and gets what there is of requests stays, whatever else there is") {
  for (const Claims& claims : all_claims()) {
    INFO("current, next, retired: " << text_of(claims));
    if (is_good(claims.current) && !is_routed(claims.next) && !is_routed(claims.retired)) {
      CHECK(heir_of(claims) == Place::current);
    }
  }
}

TEST_CASE("a successor follows only if it gets requests or the name was given up for it") {
  for (const Claims& claims : all_claims()) {
    INFO("current, next, retired: " << text_of(claims));
    if (heir_of(claims) == Place::next) {
      CHECK((is_routed(claims.next) || (is_good(claims.next) && claims.retired.is_there && !is_routed(claims.retired) &&
                                        !is_good(claims.current))));
    }
  }
}

TEST_CASE("what has served has no end without a successor") {
  for (const Claims& claims : all_claims()) {
    INFO("current, next, retired: " << text_of(claims));
    if (is_good(claims.current) || claims.retired.is_there) {
      CHECK(heir_of(claims).has_value());
    }
  }
}

TEST_CASE("there is no heir where nothing is, or only what was never proven or has failed") {
  for (const Claims& claims : all_claims()) {
    INFO("current, next, retired: " << text_of(claims));
    const bool none =
        !is_routed(claims.current) && !is_good(claims.current) && !is_routed(claims.next) && !claims.retired.is_there;
    CHECK(heir_of(claims).has_value() == !none);
  }
}
