// The container that was replaced takes its leave: what it was asked is waited for, and it is asked to stop. Meanwhile
// its runner may be killed, and the next deployment begins.
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace teal;

namespace {

std::vector<Deployment> history(const TestHost& host, const std::string& app) {
  Database database(host.home().store());
  return History(database).deployments(app, 100);
}

/// The deployment's step of that name, if it was begun.
std::optional<Step> step_of(const TestHost& host, const std::string& app, std::int64_t id, StepName name) {
  for (const Deployment& deployment : history(host, app)) {
    for (const Step& step : deployment.steps) {
      if (deployment.id == id && step.name == name) {
        return step;
      }
    }
  }
  return std::nullopt;
}

void await_step(const TestHost& host, const std::string& app, std::int64_t id, StepName name, StepStatus status) {
  wait_until(
      [&] {
        const auto step = step_of(host, app, id, name);
        return step && step->status == status;
      },
      k_patience, fmt::format("step '{}' of deployment {}", to_string(name), id));
}

std::string containers_of(const TestHost& host, const std::string& app) {
  return host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + app});
}

} // namespace

TEST_CASE("a runner killed while it drains is followed by one that waits for what is still asked") {
  TestHost host("haproxy");
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {drain: 30s}\n");
  const Project project(host);
  project.commit("v1");
  REQUIRE_THAT(what_was_told(project.push(host.home().app(app).live_repository())), ContainsSubstring("\nlive in "));
  host.await_rest(app);

  const Background request(
      {.arguments = {"curl", "-s", "-S", fmt::format("http://127.0.0.1:{}/slow8", host.live_port(app))},
       .environment = host.environment()});
  project.commit("v2");
  REQUIRE_THAT(what_was_told(project.push(host.home().app(app).repository(Color::blue))),
               ContainsSubstring("\nlive in "));
  await_step(host, app, 2, StepName::drain, StepStatus::running);
  const auto runner = find_process({"--home", host.home().root.string(), "runner", app});
  REQUIRE(runner);
  ::kill(runner->pid, SIGKILL);
  wait_until([&] { return !is_alive(*runner); }, k_patience, "the runner's death");

  SECTION("by the next push") {
    project.commit("v3");
    CHECK_THAT(what_was_told(project.push(host.home().app(app).repository(Color::blue))),
               ContainsSubstring("\nlive in "));
    CHECK(host.live_answer(app) == "v3 blue");
  }
  SECTION("by recover") {
    CHECK_THAT(host.tealhook_ok({"recover"}), !ContainsSubstring("all is as it should be"));
    CHECK(host.live_answer(app) == "v2 blue");
  }
  CHECK_THAT(request.finish(), ContainsSubstring("v1 blue") && ContainsSubstring("exit: 0"));
  host.await_rest(app);
  CHECK(containers_of(host, app) == app + "-blue");
}

TEST_CASE("the next deployment begins while the old container does not heed that it is to stop") {
  const ServedApp app({"--deaf"}, "deploy: {stop_timeout: 10m}\n");
  const std::string first = app.host().docker({"inspect", "-f", "{{.Id}}", app.name() + "-blue"});
  app.project().set_arguments({});
  app.push("v2");
  await_step(app.host(), app.name(), 2, StepName::retire, StepStatus::running);
  app.push("v3");
  CHECK(app.answer() == "v3 blue");
  CHECK(step_of(app.host(), app.name(), 2, StepName::retire)->status == StepStatus::running);

  app.host().docker({"kill", first});
  app.host().await_rest(app.name());
  CHECK(containers_of(app.host(), app.name()) == app.name() + "-blue");
}

TEST_CASE("limits.builds holds up no deployment that has built") {
  TestHost host;
  write_file(host.home().settings(),
             fmt::format("registry: {{address: {}}}\nlimits: {{builds: 1}}\n", host.registry()));
  const std::string waits = host.create_app();
  const std::string goes = host.create_app();
  host.set_settings(waits, "health: {deadline: 10m}\n");
  const Project project(host);
  project.set_arguments({"--delay", "600"});
  project.commit("v1");
  const Background first({.arguments = {"git", "push", host.repository(waits, Color::blue).string(), "main"},
                          .directory = project.path(),
                          .environment = host.environment()});
  await_step(host, waits, 1, StepName::check, StepStatus::running);
  project.set_arguments({});
  project.commit("v2");
  CHECK_THAT(what_was_told(project.push(goes, Color::blue)), ContainsSubstring("\nready in "));
  CHECK(step_of(host, waits, 1, StepName::check)->status == StepStatus::running);
  host.docker({"kill", waits + "-blue-next"});
  CHECK_THAT(first.finish(), ContainsSubstring("FAILED"));
}

TEST_CASE("what is routed is given its name back, whatever it was called") {
  TestHost host("haproxy");
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE_THAT(what_was_told(project.push(host.home().app(app).live_repository())), ContainsSubstring("\nlive in "));
  host.await_rest(app);
  const std::string name = app + "-blue";
  const std::string id = host.docker({"inspect", "-f", "{{.Id}}", name});
  host.docker({"rename", name, name + "-retired"});
  host.tealhook_ok({"recover"});
  CHECK(host.live_answer(app) == "v1 blue");
  CHECK(host.docker({"inspect", "-f", "{{.Id}}", name}) == id);
}
