// tealhook plan: what a deployment would do, and what stands in its way, with nothing done.
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace teal;

TEST_CASE("a plan says what would be deployed and replaced, and changes nothing") {
  const ServedApp app;
  const std::string told = app.host().tealhook_ok({"plan", app.name(), "--color", "blue"});
  CHECK_THAT(told, ContainsSubstring(app.name() + " -> blue   main ") && ContainsSubstring("\"Say v1\""));
  CHECK_THAT(told, ContainsSubstring("runs, and is replaced"));
  CHECK_THAT(told, ContainsSubstring(fmt::format("publish    {}/{}:", app.host().registry(), app.name())));
  CHECK_THAT(told, ContainsSubstring("check      the image's HEALTHCHECK, else GET / within 1m"));
  CHECK_THAT(told, ContainsSubstring("nothing known stands in its way; nothing was done"));
  CHECK(app.answer() == "v1 blue");
  CHECK(boost::json::parse(app.host().tealhook_ok({"history", app.name(), "--json"})).as_array().size() ==
        2); // it was made, and deployed once
}

TEST_CASE("a plan names everything that stands in the way, and exits with what it is") {
  const ServedApp app;
  app.set_settings("build: {dockerfile: deploy/Dockerfile}\n");
  const Outcome missing = app.host().tealhook({"plan", app.name(), "--color", "blue"});
  CHECK(missing.exit_code == 2);
  CHECK_THAT(missing.output, ContainsSubstring("error: 'deploy/Dockerfile' is not in the commit (build.dockerfile)"));

  app.host().tealhook_ok({"registry", "down"});
  const Outcome without = app.host().tealhook({"plan", app.name(), "--color", "blue"});
  CHECK_THAT(without.output, ContainsSubstring("deploy/Dockerfile") && ContainsSubstring("tealhook registry up"));
  app.set_settings("");
  CHECK(app.host().tealhook({"plan", app.name(), "--color", "blue"}).exit_code == 3);
  app.host().tealhook_ok({"registry", "up"});

  const Outcome live = app.host().tealhook({"plan", app.name(), "--color", "live"});
  CHECK(live.exit_code == 2);
  CHECK_THAT(live.tail, ContainsSubstring("there is no router that could move live traffic"));

  app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
  const Outcome frozen = app.host().tealhook({"plan", app.name(), "--color", "blue"});
  CHECK(frozen.exit_code == 4);
  CHECK_THAT(frozen.output, ContainsSubstring(": stocktaking"));
}

TEST_CASE("a plan can be read by programs") {
  const ServedApp app;
  const auto plan = boost::json::parse(app.host().tealhook_ok({"plan", app.name(), "--color", "blue", "--json"}));
  CHECK(plan.at("color").as_string() == "blue");
  CHECK(plan.at("commit").as_string() == app.newest().at("commit").as_string());
  CHECK(plan.at("obstacles").as_array().empty());
  CHECK(plan.at("steps").as_array().front().at("step").as_string() == "now");
}
