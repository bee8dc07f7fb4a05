#include "core/error.hpp"
#include "route/entrance.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("a table's entrances are its own ports, and the shared ones where somebody uses them") {
  Route own;
  own.bind = "127.0.0.1";
  own.port = 8000;
  Route shared;
  shared.hosts = {"example.com"};
  Route secret = shared;
  secret.tls = Tls{};
  const ServerSettings::Router settings;
  CHECK(entrances({}, settings).empty());
  CHECK(entrances({{own}}, settings) == std::set<Entrance>{{"127.0.0.1", 8000}});
  CHECK(entrances({{own, shared}}, settings) == std::set<Entrance>{{"127.0.0.1", 8000}, {"0.0.0.0", 8080}});
  CHECK(entrances({{secret}}, settings) == std::set<Entrance>{{"0.0.0.0", 8080}, {"0.0.0.0", 8443}});
}

TEST_CASE("an entrance that somebody else has is refused, and who has it is said") {
  const bool v6 = GENERATE(false, true);
  const Listener taken(v6);
  const Entrance entrance{v6 ? "::1" : "127.0.0.1", taken.port()};
  CHECK_THROWS_WITH(require_free_entrances({entrance}), ContainsSubstring(std::to_string(taken.port())) &&
                                                            ContainsSubstring("in use by pid") &&
                                                            ContainsSubstring("unit_route_tests"));
}

TEST_CASE("an entrance that is free, or held already, is fine") {
  const Listener taken;
  CHECK_NOTHROW(require_free_entrances({{"127.0.0.1", free_port()}, {"::", free_port()}}));
  CHECK_NOTHROW(require_free_entrances({{"127.0.0.1", taken.port()}}, {{"127.0.0.1", taken.port()}}));
}

TEST_CASE("an address that this host has not is refused") {
  CHECK_THROWS_AS(require_free_entrances({{"192.0.2.1", free_port()}}), Error);
  CHECK_THROWS_AS(require_free_entrances({{"nonsense", free_port()}}), Error);
}
