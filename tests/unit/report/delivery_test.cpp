#include "report/delivery.hpp"
#include "support/catch.hpp"

#include <boost/json/value.hpp>

using namespace teal;

TEST_CASE("a delivery is shown with what it asked for, and whole with what came") {
  const StoredDelivery delivery{.id = 7,
                                .app = "shop",
                                .source = "hub",
                                .sender = "",
                                .refs = {{"refs/heads/main", ""}},
                                .headers = "X: y\n",
                                .payload = "\xff",
                                .at = TimePoint(Milliseconds(1'700'000'000'000)),
                                .outcome = {}};
  const auto shown = delivery_json(delivery);
  CHECK(shown.at("id") == "d7");
  CHECK(shown.at("status") == "waiting");
  CHECK(shown.at("sender_id").is_null());
  CHECK(shown.at("refs").at(0).at("ref") == "refs/heads/main");
  CHECK(shown.at("refs").at(0).at("commit").is_null());
  CHECK_FALSE(shown.contains("payload"));
  CHECK(whole_delivery_json(delivery).at("payload") == "\xef\xbf\xbd");
}

TEST_CASE("the id of a delivery is told from those of other events") {
  CHECK(parse_delivery_id(delivery_id_text(7)) == 7);
  CHECK_FALSE(parse_delivery_id("7"));
  CHECK_FALSE(parse_delivery_id("d"));
}
