#include "config/settings.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("by default any success or redirect counts as healthy") {
  const StatusCodes codes;
  CHECK(codes.contains(200));
  CHECK(codes.contains(399));
  CHECK_FALSE(codes.contains(199));
  CHECK_FALSE(codes.contains(400));
}

TEST_CASE("a status code counts if any of the ranges has it") {
  const StatusCodes codes{{{200, 204}, {404, 404}}};
  CHECK(codes.contains(204));
  CHECK(codes.contains(404));
  CHECK_FALSE(codes.contains(301));
}
