#include "report/json.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace teal;

namespace {

Deployment some_deployment() {
  Deployment deployment{.id = 42, .color = Color::green, .status = Status::ready};
  deployment.event = {.app = "shop", .trigger = Trigger::push, .ref = "refs/heads/main", .who = "ada"};
  deployment.event.subject = "Fix \"login\"";
  deployment.created = TimePoint(Milliseconds(1'000));
  deployment.started = TimePoint(Milliseconds(2'000));
  deployment.finished = TimePoint(Milliseconds(3'500));
  deployment.engine_time = Milliseconds(900);
  deployment.peak_memory = 20 * 1024;
  deployment.steps = {{.name = StepName::build, .status = StepStatus::done, .duration = Milliseconds(700)}};
  return deployment;
}

} // namespace

TEST_CASE("a deployment has its fields under their documented names") {
  const auto shown = to_json(some_deployment());
  CHECK(shown.at("id") == 42);
  CHECK(shown.at("app") == "shop");
  CHECK(shown.at("color") == "green");
  CHECK(shown.at("status") == "ready");
  CHECK(shown.at("trigger") == "push");
  CHECK(shown.at("subject") == "Fix \"login\"");
  CHECK(shown.at("created") == "1970-01-01T00:00:01Z");
  CHECK(shown.at("total_ms") == 1500);
  CHECK(shown.at("engine_ms") == 900);
  CHECK(shown.at("runner_peak_kib") == 20);
  const auto& step = shown.at("steps").as_array().at(0).as_object();
  CHECK(step.at("name") == "build");
  CHECK(step.at("status") == "done");
  CHECK(step.at("duration_ms") == 700);
}

TEST_CASE("what is not known yet is null") {
  Deployment deployment = some_deployment();
  deployment.started.reset();
  deployment.finished.reset();
  const auto shown = to_json(deployment);
  for (const char* field : {"release", "started", "finished", "total_ms"}) {
    INFO(field);
    CHECK(shown.at(field).is_null());
  }
}

TEST_CASE("what strangers wrote in another encoding still makes JSON that parses") {
  Deployment deployment = some_deployment();
  for (std::string* text : {&deployment.event.subject, &deployment.event.who, &deployment.event.ref,
                            &deployment.outcome, &deployment.steps.front().fact}) {
    *text = "caf\xe9 \x1b[31m \"quoted\"";
  }
  const auto parsed = boost::json::parse(boost::json::serialize(to_json(deployment)));
  CHECK(parsed.at("subject") == "caf\xef\xbf\xbd \x1b[31m \"quoted\"");
}

TEST_CASE("settings are a list of key, value and origin") {
  const auto list = to_json(std::vector<SettingValue>{{"bind", "0.0.0.0", "app.yml:3", "doc"}});
  REQUIRE(list.size() == 1);
  CHECK(list[0] == boost::json::value{{"key", "bind"}, {"value", "0.0.0.0"}, {"origin", "app.yml:3"}});
}

TEST_CASE("an error has its kind, its message and what was being done") {
  Error error(ErrorKind::environment, "port 1 is in use \xff");
  error.add_context("starting slot 'green'").add_context("deploying 'shop' at 91c02de");
  CHECK(failure(error) == boost::json::object{{"error",
                                               {{"kind", "environment"},
                                                {"message", "port 1 is in use \xef\xbf\xbd"},
                                                {"while", {"starting slot 'green'", "deploying 'shop' at 91c02de"}}}}});
}

TEST_CASE("findings are a list and a switch says where traffic came from and what was called off") {
  CHECK(to_json(std::vector<Finding>{{false, "disk", "full"}}) ==
        boost::json::array{{{"good", false}, {"subject", "disk"}, {"text", "full"}}});
  const auto shown = to_json(SwitchResult{
      .from = {}, .to = Color::green, .commit = "c", .address = "", .went_back = "", .called_off = "a switch"});
  CHECK(shown.at("from").is_null());
  CHECK(shown.at("live") == "green");
  CHECK(shown.at("went_back").is_null());
  CHECK(shown.at("called_off") == "a switch");
}
