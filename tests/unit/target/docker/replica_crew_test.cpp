#include "support/catch.hpp"
#include "target/docker/replica_crew.hpp"

using namespace teal;

using Numbers = std::vector<int>;

TEST_CASE("replicas come where numbers are missing, and go from the highest") {
  CHECK(change_of({1}, 4).missing == Numbers{2, 3, 4});
  CHECK(change_of({1}, 4).surplus.empty());
  CHECK(change_of({1, 2, 3, 4}, 2).surplus == Numbers{3, 4});
  CHECK(change_of({1, 2, 3, 4}, 2).missing.empty());
  CHECK(change_of({1, 3, 4}, 3).missing == Numbers{2}); // one that somebody removed
  CHECK(change_of({1, 3, 4}, 3).surplus == Numbers{4});
}
