#include "support/catch.hpp"
#include "target/address.hpp"

#include <unistd.h>

#include <array>

using namespace teal;

namespace {

AppSettings settings_on(const std::string& bind) {
  AppSettings settings;
  settings.bind = bind;
  settings.ports = {{Color::blue, 50101}, {Color::green, 50100}};
  return settings;
}

std::string own_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

} // namespace

TEST_CASE("a port on all addresses is asked on loopback, and another one where it is") {
  CHECK(local_address("0.0.0.0") == "127.0.0.1");
  CHECK(local_address("::") == "::1");
  CHECK(local_address("10.1.2.3") == "10.1.2.3");
  CHECK(local_address("::1") == "::1");
}

TEST_CASE("people are told the host's name where a port is on all addresses, else the address as a URL has it") {
  CHECK(public_address(settings_on("0.0.0.0"), Color::blue) == "http://" + own_name() + ":50101/");
  CHECK(public_address(settings_on("::"), Color::green) == "http://" + own_name() + ":50100/");
  CHECK(public_address(settings_on("127.0.0.1"), Color::green) == "http://127.0.0.1:50100/");
  CHECK(public_address(settings_on("fe80::1"), Color::blue) == "http://[fe80::1]:50101/");
}

TEST_CASE("what another host publishes is told with its name, which its engine's address has where nothing else says") {
  CHECK(public_address(settings_on("0.0.0.0"), Color::blue, "engine") == "http://engine:50101/");
  CHECK(public_address(settings_on("10.0.0.7"), Color::blue, "engine") == "http://10.0.0.7:50101/");
  ServerSettings::Engine engine;
  CHECK(engine_address(engine).empty());
  engine.host = "ssh://deploy@10.0.0.7:22";
  CHECK(engine_address(engine) == "10.0.0.7");
  engine.address = "10.9.0.7";
  CHECK(engine_address(engine) == "10.9.0.7");
}

TEST_CASE("live traffic has the address of its own port, or of its first host name") {
  ServerSettings::Router router;
  router.listen = 8080;
  router.tls_listen = 8443;
  AppSettings settings = settings_on("127.0.0.1");
  CHECK(live_address(router, settings).empty());
  settings.route.port = 50102;
  CHECK(live_address(router, settings) == "http://127.0.0.1:50102/");
  settings.route.port = 0;
  settings.route.hosts = {"shop.test", "www.shop.test"};
  settings.route.path = "/api";
  CHECK(live_address(router, settings) == "http://shop.test:8080/api");
  settings.route.tls = RouteSettings::Tls::automatic;
  CHECK(live_address(router, settings) == "https://shop.test:8443/api");
  settings.route.tls = RouteSettings::Tls::none;
  settings.route.certificate = "/etc/ssl/shop.pem";
  CHECK(live_address(router, settings) == "https://shop.test:8443/api");
}

TEST_CASE("the ports that browsers know are left out") {
  ServerSettings::Router router;
  router.listen = 80;
  router.tls_listen = 443;
  AppSettings settings = settings_on("0.0.0.0");
  settings.route.port = 0;
  settings.route.hosts = {"shop.test"};
  settings.route.path = "/";
  CHECK(live_address(router, settings) == "http://shop.test/");
  settings.route.tls = RouteSettings::Tls::automatic;
  CHECK(live_address(router, settings) == "https://shop.test/");
}
