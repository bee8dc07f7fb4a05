#include "report/status.hpp"
#include "report_home.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

/// A home whose engine is away, with an app whose settings are good and one whose are not.
class EnginelessHome : public ReportHome {
protected:
  EnginelessHome() {
    make_app("good", k_some_ports);
    make_app("wrong", "colours: {}\n");
  }

  HomeStatus status(const std::optional<std::string>& only = std::nullopt) {
    Services services(m_home, {});
    return teal::status_of(services, m_store, only);
  }
};

} // namespace

TEST_CASE_METHOD(EnginelessHome, "what the store knows is shown where the engine is away and settings are wrong") {
  deploy("wrong", Color::green, Status::ready);
  const auto failed = deploy("wrong", Color::green, Status::failed);
  const HomeStatus found = status();
  REQUIRE(found.apps.size() == 2);
  CHECK(found.engine.has_value());
  CHECK(found.apps[0].slots[0].port == 50101);
  CHECK(found.apps[0].slots[0].state == "unknown");
  CHECK_FALSE(found.apps[0].fault);
  const AppStatus& wrong = found.apps[1];
  REQUIRE(wrong.fault);
  CHECK(wrong.fault->kind() == ErrorKind::settings);
  CHECK_FALSE(wrong.slots[1].port);
  CHECK(wrong.slots[1].current.value().status == Status::ready);
  CHECK(wrong.slots[1].latest.value().id == failed);

  const auto faults = found.faults();
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].kind() == ErrorKind::environment);
  CHECK(faults[1].kind() == ErrorKind::settings);
}

TEST_CASE_METHOD(EnginelessHome,
                 "one app alone is shown without the others and a slot says what hindered the look at it") {
  m_store.traffic.set_freeze({.app = "good", .who = "ann", .why = "stocktaking", .at = {}});
  const auto shown = to_json(status("good"));
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].at("app") == "good");
  CHECK(shown[0].at("color") == "blue");
  CHECK(shown[0].at("container") == "good-blue");
  CHECK(shown[0].at("state") == "unknown");
  CHECK(shown[0].at("restarts") == 0);
  CHECK(shown[0].at("frozen").at("who") == "ann");
  CHECK(shown[0].at("error").at("kind") == "environment");
  CHECK(shown[1].at("last_exit").is_null());
}
