#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/temp_folder.hpp"
#include "traffic/certificate.hpp"

using namespace teal;

namespace {

using Kind = ServerSettings::Router::Kind;

RouteSettings settings_of(const TestCertificate& files) {
  RouteSettings settings;
  settings.hosts = {"shop.test"};
  settings.certificate = files.certificate.string();
  settings.key = files.key.string();
  return settings;
}

} // namespace

TEST_CASE("a router is told of the certificate in the settings, and which one it is") {
  const TempFolder folder;
  const TestCertificate files = make_certificate(folder.path(), "shop.test");
  const auto tls = tls_for(settings_of(files), Kind::haproxy);
  REQUIRE(tls);
  CHECK(tls->certificate == files.certificate.string());
  CHECK(tls->key == files.key.string());
  CHECK_FALSE(tls->automatic);
  make_certificate(folder.path(), "shop.test");
  CHECK(tls_for(settings_of(files), Kind::haproxy) != tls);
}

TEST_CASE("without hosts or without a certificate there is no TLS") {
  const TempFolder folder;
  RouteSettings settings = settings_of(make_certificate(folder.path(), "shop.test"));
  settings.hosts.clear();
  CHECK_FALSE(tls_for(settings, Kind::nginx));
  RouteSettings plain;
  plain.hosts = {"shop.test"};
  CHECK_FALSE(tls_for(plain, Kind::nginx));
}

TEST_CASE("only caddy gets certificates by itself") {
  RouteSettings settings;
  settings.hosts = {"shop.test"};
  settings.tls = RouteSettings::Tls::automatic;
  REQUIRE(tls_for(settings, Kind::caddy));
  CHECK(tls_for(settings, Kind::caddy)->automatic);
  for (const Kind kind : {Kind::haproxy, Kind::nginx}) {
    CHECK_THROWS_WITH(tls_for(settings, kind), ContainsSubstring("only caddy"));
  }
}

TEST_CASE("a certificate that cannot be used is refused by the names of its files") {
  const TempFolder folder;
  RouteSettings settings = settings_of(make_certificate(folder.path(), "shop.test"));
  RouteSettings half = settings;
  half.key.clear();
  CHECK_THROWS_WITH(tls_for(half, Kind::haproxy), ContainsSubstring("give both or none"));
  settings.key = make_certificate(folder.path(), "other.test").key.string();
  CHECK_THROWS_WITH(tls_for(settings, Kind::haproxy), ContainsSubstring(settings.certificate) &&
                                                          ContainsSubstring(settings.key) &&
                                                          ContainsSubstring("the key is not that of the certificate"));
  settings.key = (folder.path() / "none.key").string();
  CHECK_THROWS_WITH(tls_for(settings, Kind::haproxy), ContainsSubstring("none.key"));
}
