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

TEST_CASE("a port is one route's, unless each has it at an address of its own") {
  const auto at = [](const std::string& app, const std::string& bind, std::uint16_t port) {
    Route route;
    route.app = app;
    route.door = "live";
    route.bind = bind;
    route.port = port;
    return route;
  };
  const ServerSettings::Router settings;
  CHECK_NOTHROW(require_distinct({{at("shop", "10.0.0.1", 80), at("blog", "10.0.0.2", 80)}}, settings));
  CHECK_NOTHROW(require_distinct({{at("shop", "0.0.0.0", 80), at("blog", "0.0.0.0", 81)}}, settings));
  CHECK_NOTHROW(require_distinct({{at("shop", "0.0.0.0", 0), at("blog", "0.0.0.0", 0)}}, settings));
  CHECK_THROWS_WITH(require_distinct({{at("shop", "10.0.0.1", 80), at("blog", "0.0.0.0", 80)}}, settings),
                    ContainsSubstring("port 80 is wanted by both live of 'shop' and live of 'blog'"));
  CHECK_THROWS_WITH(require_distinct({{at("shop", "::", 80), at("blog", "10.0.0.2", 80)}}, settings),
                    ContainsSubstring("port 80"));
  Route shared = at("site", "0.0.0.0", 0);
  shared.hosts = {"example.com"};
  CHECK_NOTHROW(require_distinct({{shared, at("shop", "0.0.0.0", settings.tls_listen)}}, settings));
  CHECK_THROWS_WITH(require_distinct({{shared, at("shop", "0.0.0.0", settings.listen)}}, settings),
                    ContainsSubstring("router.listen and live of 'shop'"));
  shared.tls = Tls{};
  CHECK_THROWS_WITH(require_distinct({{shared, at("shop", "0.0.0.0", settings.tls_listen)}}, settings),
                    ContainsSubstring("router.tls_listen"));
}

TEST_CASE("a host's path is one app's, with or without its last slash") {
  const auto by = [](const std::string& app, const std::string& host, const std::string& path) {
    Route route;
    route.app = app;
    route.hosts = {"www." + host, host};
    route.path = path;
    return route;
  };
  const ServerSettings::Router settings;
  CHECK_NOTHROW(require_distinct({{by("shop", "a.example", "/"), by("blog", "b.example", "/")}}, settings));
  CHECK_NOTHROW(require_distinct({{by("shop", "a.example", "/"), by("blog", "a.example", "/blog")}}, settings));
  CHECK_THROWS_WITH(require_distinct({{by("shop", "a.example", "/"), by("blog", "a.example", "/")}}, settings),
                    ContainsSubstring("'www.a.example/' is wanted by both 'shop' and 'blog'"));
  CHECK_THROWS_WITH(require_distinct({{by("shop", "a.example", "/x"), by("blog", "a.example", "/x/")}}, settings),
                    ContainsSubstring("'www.a.example/x/'"));
}
