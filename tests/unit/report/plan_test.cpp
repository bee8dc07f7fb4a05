#include "config/load.hpp"
#include "report/plan.hpp"
#include "report_home.hpp"
#include "support/catch.hpp"

#include <boost/json/array.hpp>

using namespace teal;

namespace {

std::string fact_of(const std::vector<std::pair<std::string, std::string>>& steps, std::string_view name) {
  for (const auto& [step, fact] : steps) {
    if (step == name) {
      return fact;
    }
  }
  return "";
}

} // namespace

TEST_CASE_METHOD(ReportHome, "a plan says each step with what it would do, as the settings have it") {
  const Services services(m_home, {});
  Preview preview{.color = Color::green};
  preview.busy = true;
  preview.plan.emplace();
  preview.plan->settings =
      parse_app_settings({"app.yml", std::string(k_some_ports) + "health: {path: /up, deadline: 5s}\n"
                                                                 "deploy: {before_switch: [[/program, migrate]]}\n"
                                                                 "run: {processes: {worker: [/program, work]}}\n"},
                         std::nullopt);
  const auto steps = planned_steps(services, event_of("shop"), preview);
  CHECK(fact_of(steps, "now") == "nothing runs there");
  CHECK(fact_of(steps, "wait") == "another deployment of the app goes first");
  CHECK(fact_of(steps, "check") == "GET /up within 5s");
  CHECK(fact_of(steps, "run") == "/program migrate");
  CHECK(fact_of(steps, "start") == "worker: /program work");
  CHECK(fact_of(steps, "port") == "what the image EXPOSEs, else 8080");
  CHECK_THAT(fact_of(steps, "publish"), ContainsSubstring("/shop:" + std::string(40, 'b')));
  CHECK(fact_of(steps, "traffic").empty()); // there is no router
}

TEST_CASE_METHOD(ReportHome, "a plan whose settings are wrong has its obstacles and no steps beyond") {
  const Services services(m_home, {});
  Preview preview{.color = Color::blue};
  preview.obstacles.emplace_back(ErrorKind::settings, "app.yml:1: no");
  const auto shown = to_json(services, event_of("shop"), preview);
  CHECK(shown.at("color") == "blue");
  CHECK(shown.at("obstacles").as_array().at(0) == "app.yml:1: no");
  CHECK(shown.at("steps").as_array().size() == 1);
  CHECK(shown.at("live").is_null());
  CHECK(shown.at("frozen").is_null());
}
