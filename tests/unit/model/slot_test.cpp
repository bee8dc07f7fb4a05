#include "model/slot.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("the containers of a color are told apart by name and by labels") {
  const Slot web{"/srv/tealhook", "shop", Color::blue, ""};
  CHECK(web.current_name() == "shop-blue");
  CHECK(web.of_replica(1).current_name() == "shop-blue");
  CHECK_FALSE(web.labels().contains(label::k_replica));
  CHECK(web.of_replica(2).next_name() == "shop-blue.2-next");
  CHECK(web.of_replica(2).labels().at(label::k_replica) == "2");
  CHECK(web.of_replica(2).is_retired_name("shop-blue.2-retired-1a2b3c4d5e6f"));
  CHECK_FALSE(web.is_retired_name("shop-blue.2-retired-1a2b3c4d5e6f"));
  CHECK(web.of_process("worker").current_name() == "shop-blue.worker");
}
