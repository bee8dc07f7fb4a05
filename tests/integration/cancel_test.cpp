// tealhook queue: a deployment cancelled while it waits, at each of its steps, and too late; and asked for again.
#include "core/text.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

Command pushing(const TestHost& host, const Project& project, const std::string& app, Color color) {
  return {.arguments = {"git", "push", host.repository(app, color).string(), "main"},
          .directory = project.path(),
          .environment = host.environment()};
}

std::optional<Deployment> deployment(const TestHost& host, std::int64_t id) {
  Database database(host.home().store());
  return History(database).deployment(id);
}

/// Whether the deployment is at that step now.
bool is_at(const TestHost& host, std::int64_t id, StepName step) {
  const auto found = deployment(host, id);
  return found && !found->steps.empty() && found->steps.back().name == step &&
         found->steps.back().status == StepStatus::running;
}

std::string advice_to_retry(const TestHost& host) {
  return "tealhook --home " + host.home().root.string() + " queue retry 2";
}

/// Of an app whose blue serves v1: what a push of v2 told that was cancelled once `ready`.
template <class Ready>
std::string cancel_second(const TestHost& host, const Project& project, const std::string& app, Ready&& ready) {
  const Background push(pushing(host, project, app, Color::blue));
  wait_until(ready, k_patience, "the moment to cancel");
  const Stopwatch stopwatch;
  const std::string said = host.tealhook_ok({"queue", "cancel", "2"});
  CHECK_THAT(said, ContainsSubstring("deployment 2 was cancelled by"));
  CHECK_THAT(said, ContainsSubstring("blue still runs"));
  CHECK(stopwatch.elapsed() < std::chrono::seconds(20)); // and not the minutes that the step would have taken
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("CANCELLED in"));
  CHECK_THAT(told, ContainsSubstring(advice_to_retry(host)));
  CHECK_THAT(told, !ContainsSubstring("error:"));
  CHECK(deployment(host, 2)->status == Status::cancelled);
  CHECK(host.answer(app, Color::blue) == "v1 blue");
  CHECK(host.docker({"ps", "-a", "--filter", "name=" + app, "--format", "{{.Names}}"}) == app + "-blue");
  return told;
}

} // namespace

TEST_CASE("a deployment that waits is cancelled at once and what runs goes on") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(4);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return is_at(host, 1, StepName::build); }, k_patience, "the first build");
  const Background second(pushing(host, project, app, Color::green));
  wait_until([&] { return deployment(host, 2).has_value(); }, k_patience, "the second deployment");
  CHECK_THAT(host.tealhook_ok({"queue"}), ContainsSubstring("queued") && ContainsSubstring("running"));
  CHECK_THAT(host.tealhook_ok({"queue", "list", "--json"}), ContainsSubstring("\"status\":\"queued\""));
  CHECK_THAT(host.tealhook_ok({"queue", "cancel", "2"}), ContainsSubstring("deployment 2 was cancelled by"));
  CHECK_THAT(second.finish(), ContainsSubstring("cancelled by") && ContainsSubstring(advice_to_retry(host)));
  CHECK_THAT(first.finish(), ContainsSubstring("remote: ready in"));
  CHECK(host.answer(app, Color::green).empty());
  CHECK(host.tealhook_ok({"queue"}) == "nothing waits, and nothing is being deployed");
  CHECK_THAT(host.tealhook_ok({"queue", "retry", "2"}), ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::green) == "v1 green");
}

TEST_CASE("a build that runs is cancelled at once with all that it started") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  project.build_slowly(300);
  project.commit("v2");
  cancel_second(host, project, app, [&] { return is_at(host, 2, StepName::build); });
}

TEST_CASE("the wait for a program's health is cancelled and what served has its port again") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  host.set_settings(app, "health: {deadline: 5m}\n");
  project.set_arguments({"--status", "503"});
  project.commit("v2");
  cancel_second(host, project, app, [&] { return is_at(host, 2, StepName::check); });
}

TEST_CASE("a task before the switch is cancelled and its container removed") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  host.set_settings(app, "deploy: {before_switch: [[/program, --sleep, \"300\"]]}\n");
  project.commit("v2");
  cancel_second(host, project, app, [&] {
    return !host.docker({"ps", "-q", "--filter", "name=" + app + "-blue.task", "--filter", "status=running"}).empty();
  });
}

TEST_CASE("what has taken over is not cancelled and what never was neither") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  const Outcome late = host.tealhook({"queue", "cancel", "1"});
  CHECK(late.exit_code == 2);
  CHECK_THAT(late.tail,
             ContainsSubstring("deployment 1 is over: it is ready") && ContainsSubstring("tealhook rollback " + app));
  CHECK(host.tealhook({"queue", "cancel", "7"}).exit_code == 2);
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("an app whose deployment runs is removed once that is cancelled") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(300);
  project.commit("v1");
  const Background push(pushing(host, project, app, Color::blue));
  wait_until([&] { return is_at(host, 1, StepName::build); }, k_patience, "the build");
  const Outcome asked = host.tealhook({"app", "remove", app});
  CHECK(asked.exit_code == 2);
  CHECK(host.tealhook_ok({"app", "remove", app, "--yes"}) == fmt::format("removed app '{}'", app));
  CHECK_FALSE(std::filesystem::exists(host.home().app(app).root));
}
