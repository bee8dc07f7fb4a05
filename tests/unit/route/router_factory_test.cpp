#include "unit/route/router_fixture.hpp"

using namespace teal;
using namespace teal::route;

TEST_CASE("each kind of router that the settings know is made and none is none") {
  const TempFolder folder;
  for (const auto& [name, kind] : router_kinds()) {
    CAPTURE(name);
    ServerSettings::Router settings;
    settings.kind = kind;
    CHECK((make_router(settings, folder.path(), router_environment()) != nullptr) == (name != "none"));
  }
}

TEST_CASE("who asks what no router of its kind can do is told which can") {
  CHECK(routers_with(&RouterDescription::can_weigh) == "haproxy or nginx");
  CHECK(routers_with(&RouterDescription::gets_certificates) == "caddy");
  CHECK_FALSE(describe_router(RouterKind::none).can_weigh);
}
