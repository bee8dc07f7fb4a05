#include "config/router_kinds.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("the kinds of router are told by their names in the settings") {
  CHECK(router_kinds_in_words() == "none, haproxy, nginx or caddy");
  CHECK(router_kinds().front().second == ServerSettings::Router::Kind::none);
}
