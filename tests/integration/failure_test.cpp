// Programs that cannot serve: what ran before serves on, and the pusher is told what can be seen of the cause.
#include "core/text.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

constexpr const char* k_impatient = "health: {deadline: 900ms, timeout: 200ms}\nrun: {memory: 16MiB}\n";

void check_contains(const std::string& told, const std::vector<std::string>& texts) {
  INFO(told);
  for (const std::string& text : texts) {
    CHECK_THAT(told, ContainsSubstring(text));
  }
}

} // namespace

TEST_CASE("a program that does not serve is told with what can be seen of it, and its predecessor serves on") {
  const ServedApp app;
  app.set_settings(k_impatient);
  const std::string still =
      fmt::format("blue still runs {} (deployment 1) on port {}", app.project().git({"rev-parse", "--short=7", "HEAD"}),
                  app.host().port(app.name(), Color::blue));
  struct Case {
    std::vector<std::string> arguments;
    std::vector<std::string> told;
  };
  const std::vector<Case> cases{
      {{"--exit", "3"},
       {"error: the program exited with 3\n",
        "the program printed last:\n  | program v1 starts\n  | cannot go on: the cupboard is bare\n"}},
      {{"--print", "4", "--exit", "3"},
       {"the program printed last:\n  | line 000015 ", "  | line 000063 "}}, // 50 lines
      {{"--eat-memory"}, {"error: the program was killed: out of memory (run.memory "}},
      {{"--delay", "60"}, {"not healthy within 900ms", "connection refused; nothing listens on port 8080"}},
      {{"--port", "9999"}, {"it listens on port 9999, not on 8080 (container_port)"}},
      {{"--loopback"}, {"it listens on port 8080 of its loopback only: let it listen on 0.0.0.0"}},
      {{"--status", "500"}, {"not healthy within 900ms: GET / -> 500: v7 blue"}},
      {{"--silent"}, {"GET /: no whole answer", "within 200ms; it does listen on port 8080"}},
  };
  const std::string home = app.host().home().root.string();
  int version = 1;
  for (const Case& one : cases) {
    INFO(join(one.arguments, " "));
    app.project().set_arguments(one.arguments);
    const std::string told = app.push_in_vain(fmt::format("v{}", version++));
    check_contains(told, one.told);
    check_contains(
        told, {"check ", "failed\n", still,
               fmt::format("log: tealhook --home {0} logs {1}   again: tealhook --home {0} deploy ", home, version)});
    CHECK(app.host().docker({"ps", "-aq", "--filter", fmt::format("name={}-blue-", app.name())}).empty());
  }
  app.project().set_arguments({});
  app.set_settings("");
  app.push("mended");
  CHECK(app.answer() == "mended blue");
}

TEST_CASE("a program that is slow to listen is waited for within the deadline") {
  const ServedApp app({"--delay", "1"});
  CHECK(app.answer() == "v1 blue");
  CHECK(app.ended_step("check").at("duration_ms").to_number<int>() >= 900);
}

TEST_CASE("deploy exits with 1 if the deployment failed, and says so last") {
  const ServedApp app;
  app.project().set_arguments({"--exit", "7"});
  app.push_in_vain("v2");
  const Outcome outcome = app.host().tealhook({"deploy", app.name(), "--color", "blue"});
  INFO(outcome.tail);
  CHECK(outcome.exit_code == 1);
  CHECK_THAT(last_lines(trim(outcome.tail), 1), Catch::Matchers::StartsWith("FAILED in ") &&
                                                    ContainsSubstring("blue still runs") &&
                                                    ContainsSubstring("tealhook logs 3"));
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("a first deployment that fails says that nothing runs") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host, {"--exit", "1"});
  project.commit("v1");
  const std::string told = what_was_told(project.push(app, Color::green));
  check_contains(told, {"error: the program exited with 1\n", "nothing runs on green"});
  CHECK(host.answer(app, Color::green).empty());
}

TEST_CASE("a failure says the one command that tries again and that does it whatever was pushed since") {
  const ServedApp app;
  app.project().write("Dockerfile", "FROM scratch\nCOPY nothing /nothing\n");
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(app.name(), Color::green));
  const std::string commit(app.newest().at("commit").as_string());
  const std::string again = fmt::format("again: tealhook --home {} deploy {} --color green --rev {}",
                                        app.host().home().root.string(), app.name(), commit.substr(0, 12));
  CHECK_THAT(told, ContainsSubstring(again));
  CHECK(app.host().tealhook({"deploy", app.name()}).exit_code == 1); // what was asked for last
  CHECK(app.newest().at("commit").as_string() == commit);
  CHECK(app.newest().at("color").as_string() == "green");

  app.project().git({"revert", "--no-edit", "HEAD"});
  REQUIRE(app.project().push(app.name(), Color::blue).succeeded());
  CHECK(app.host().tealhook({"deploy", app.name(), "--color", "green", "--rev", commit.substr(0, 12)}).exit_code == 1);
  CHECK(app.newest().at("commit").as_string() == commit);
}
