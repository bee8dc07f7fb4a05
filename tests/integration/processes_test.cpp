// Further processes of an app (run.processes) that end, restart, or never were any good.
#include "support/catch.hpp"
#include "support/engine_proxy.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>

using namespace teal;

namespace json = boost::json;

namespace {

constexpr const char* k_with_worker = "run: {processes: {worker: [/program, --port, '9', --one-life]}}\n";

json::value blue_of(const TestHost& host, const std::string& app) {
  return json::parse(host.tealhook_ok({"status", app, "--json"})).at(0);
}

/// As the kernel does for want of memory: the engine restarts what it was not told to stop.
void kill_process_of(const TestHost& host, const std::string& container) {
  const std::string pid = host.docker({"inspect", "-f", "{{.State.Pid}}", container});
  REQUIRE(::kill(std::stoi(pid), SIGKILL) == 0);
}

/// The worker of blue that was good until now ends, and ends each time that it is started again.
void bring_into_restart_loop(const TestHost& host, const std::string& app) {
  kill_process_of(host, app + "-blue.worker");
  wait_until([&] { return blue_of(host, app).at("processes").at(0).at("restarts").to_number<int>() >= 2; }, k_patience,
             "the worker's restarts");
}

std::string id_of(const TestHost& host, const std::string& container) {
  return host.docker({"inspect", "-f", "{{.Id}}", container});
}

/// Until there are just these containers.
void await_containers(const TestHost& host, const std::string& app, const std::string& names) {
  wait_until(
      [&] {
        return names == host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + app});
      },
      k_patience, "the end of the others");
}

} // namespace

TEST_CASE("status counts a color's processes, and does not call a color healthy one of which restarts") {
  const ServedApp app({}, "run: {processes: {worker: [/program, --port, '9'], timer: [/program, --port, '9']}}\n");
  const auto blue = [&] { return blue_of(app.host(), app.name()); };
  CHECK(blue().at("health") == "healthy");
  CHECK_THAT(app.host().tealhook_ok({"status", app.name()}), ContainsSubstring("running 3/3"));

  const std::string worker = app.name() + "-blue.worker";
  kill_process_of(app.host(), worker);
  wait_until([&] { return blue().at("processes").at(1).at("restarts") == 1; }, k_patience, "the restart");
  wait_until([&] { return blue().at("health") == "healthy, but worker restarted 1 time"; }, k_patience,
             "the worker's next life");
  const json::value lives = blue().at("processes").at(1);
  CHECK(lives.at("last_exit").at("code") == 137);
  CHECK_THAT(std::string(lives.at("last_exit").at("cause").as_string()), ContainsSubstring("exited with 137"));
  CHECK(lives.at("last_exit").at("at").is_string());
  CHECK(lives.at("since").is_string());
  CHECK_THAT(app.host().tealhook_ok({"status", app.name()}),
             ContainsSubstring("'" + worker + "' restarted 1 time since ") && ContainsSubstring("last it exited with"));
  app.host().docker({"stop", "-t", "0", worker});
  CHECK(blue().at("health") == "healthy, but worker has exited (restarted 1 time)");
  CHECK_THAT(app.host().tealhook_ok({"status", app.name()}), ContainsSubstring("running 2/3"));
}

TEST_CASE("a process that ends soon after its start fails its deployment") {
  const ServedApp app({}, k_with_worker);
  const std::string worker = id_of(app.host(), app.name() + "-blue.worker");
  app.set_settings("run: {processes: {worker: [/program, --exit, '4', --after, '300']}}\n");
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("process 'worker' exited with 4") &&
                                         ContainsSubstring("the cupboard is bare") &&
                                         ContainsSubstring("blue still runs "));
  CHECK(id_of(app.host(), app.name() + "-blue.worker") == worker);
  CHECK(blue_of(app.host(), app.name()).at("health") == "healthy");
}

TEST_CASE("a process in a restart loop stands in nobody's way") {
  const ServedApp app({}, k_with_worker);
  const TestHost& host = app.host();
  bring_into_restart_loop(host, app.name());
  CHECK_THAT(std::string(blue_of(host, app.name()).at("health").as_string()),
             ContainsSubstring("healthy, but worker ") && ContainsSubstring("restarted "));

  const std::string worker = id_of(host, app.name() + "-blue.worker");
  app.project().set_arguments({"--exit", "3"});
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("(deployment 1) on port"));
  CHECK(id_of(host, app.name() + "-blue.worker") == worker);

  static_cast<void>(host.tealhook({"recover"})); // it may say that the worker restarts
  CHECK(app.answer() == "v1 blue");
  CHECK(id_of(host, app.name() + "-blue.worker") == worker);

  app.project().set_arguments({});
  app.push("v3");
  CHECK(app.answer() == "v3 blue");
  await_containers(host, app.name(), app.name() + "-blue.worker\n" + app.name() + "-blue");
  CHECK(blue_of(host, app.name()).at("health") == "healthy");
}

TEST_CASE("a program in a restart loop stands in nobody's way") {
  const ServedApp app({"--one-life"});
  const TestHost& host = app.host();
  const std::string name = app.name() + "-blue";
  kill_process_of(host, name);
  const auto restarts = [&] { return std::stoi(host.docker({"inspect", "-f", "{{.RestartCount}}", name})); };
  wait_until([&] { return restarts() >= 2; }, k_patience, "the restarts");
  const std::string before = id_of(host, name);

  app.project().set_arguments({"--exit", "3"});
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("exited with 3"));
  CHECK(id_of(host, name) == before);
  const int so_far = restarts();
  wait_until([&] { return restarts() != so_far; }, k_patience, "its next life");

  app.project().set_arguments({});
  app.push("v3");
  CHECK(app.answer() == "v3 blue");
  await_containers(host, app.name(), name);
}

TEST_CASE("behind a router, a color whose process restarts is pushed to like any other") {
  TestHost host("haproxy");
  const std::string app = host.create_app();
  host.set_settings(app, k_with_worker);
  const Project project(host);
  const auto push = [&](const std::string& version) {
    project.commit(version);
    return what_was_told(project.push(host.home().app(app).repository(Color::blue)));
  };
  project.commit("v1");
  REQUIRE_THAT(what_was_told(project.push(host.home().app(app).live_repository())), ContainsSubstring("\nlive in "));
  bring_into_restart_loop(host, app);

  host.set_settings(app, "run: {processes: {worker: [/program, --exit, '4', --after, '300']}}\n");
  CHECK_THAT(push("v2"), ContainsSubstring("process 'worker' exited with 4") && ContainsSubstring("blue still runs "));
  CHECK(host.live_answer(app) == "v1 blue");
  CHECK_THAT(host.tealhook({"recover"}).output, !ContainsSubstring("deployment 2"));
  CHECK(host.live_answer(app) == "v1 blue");

  host.set_settings(app, k_with_worker);
  CHECK_THAT(push("v3"), ContainsSubstring("\nlive in "));
  CHECK(host.live_answer(app) == "v3 blue");
  await_containers(host, app, app + "-blue.worker\n" + app + "-blue");
}

TEST_CASE("a process that the settings name no more does not stay where its runner was killed before it went") {
  const ServedApp app({}, k_with_worker);
  const TestHost& host = app.host();
  const std::string name = app.name() + "-blue.worker";
  const std::string image = host.docker({"inspect", "-f", "{{.Config.Image}}", name});
  app.set_settings("");
  app.push("v2");
  await_containers(host, app.name(), app.name() + "-blue");
  std::vector<std::string> leftover{"run", "-d", "--name", name};
  for (const std::string& label :
       {"tealhook.home=" + host.home().root.string(), "tealhook.app=" + app.name(), std::string("tealhook.color=blue"),
        std::string("tealhook.process=worker"), std::string("tealhook.deployment=1")}) {
    leftover.insert(leftover.end(), {"--label", label});
  }
  leftover.push_back(image);
  host.docker(leftover);
  host.tealhook_ok({"recover"});
  await_containers(host, app.name(), app.name() + "-blue");
  CHECK(app.answer() == "v2 blue");
}

TEST_CASE("a first push whose second container cannot take over leaves none of both") {
  EngineProxy proxy;
  const TestHost host;
  host.use_engine(proxy.host());
  const std::string app = host.create_app();
  host.set_settings(app, "run: {processes: {worker: [/program, --port, '9']}}\n");
  const Project project(host);
  project.commit("v1");
  proxy.interrupt(
      [](std::string_view line) {
        return line.find("-blue.worker HTTP") != std::string_view::npos &&
               line.find("/rename?") != std::string_view::npos;
      },
      EngineProxy::Moment::before, [] {}, 2);
  const Outcome failed = project.push(app, Color::blue);
  INFO(failed.tail);
  CHECK(proxy.pending() == 0);
  CHECK_THAT(failed.tail, ContainsSubstring("FAILED in ") && ContainsSubstring("nothing runs on blue"));
  await_containers(host, app, "");
  CHECK(host.answer(app, Color::blue).empty());

  const Outcome again = host.tealhook({"deploy", app, "--color", "blue"});
  INFO(again.tail);
  CHECK(again.succeeded());
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("a takeover whose answer was lost is found to be done") {
  EngineProxy proxy;
  const TestHost host;
  host.use_engine(proxy.host());
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  proxy.interrupt([](std::string_view line) { return line.find("/rename?") != std::string_view::npos; },
                  EngineProxy::Moment::after, [] {});
  const Outcome push = project.push(app, Color::blue);
  INFO(push.tail);
  CHECK(proxy.pending() == 0);
  CHECK_THAT(push.tail, ContainsSubstring("ready in "));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}
