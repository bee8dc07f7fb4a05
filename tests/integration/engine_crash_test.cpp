// The engine killed and started again, as by a host that runs out of memory: what ran is brought back, and nothing
// else.
#include "core/text.hpp"
#include "host/port_owner.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>

using namespace teal;

namespace {

const char* const k_no_host = "it kills the engine, which takes a host of its own: tests/run.sh makes some";

/// Whether the engine is ours to kill.
bool has_own_engine() {
  return std::getenv("TEAL_TEST_HOST") != nullptr;
}

Outcome order_engine(const char* order) {
  return run({.arguments = {std::string(TEAL_TEST_SOURCES) + "/support/private_host.sh", "engine", order},
              .environment = inherited_environment(),
              .deadline = std::chrono::minutes(2)});
}

/// An engine that was killed. The tests after this one find it running, however this one ends.
class KilledEngine {
public:
  KilledEngine() { REQUIRE(order_engine("kill").succeeded()); }
  KilledEngine(const KilledEngine&) = delete;
  KilledEngine& operator=(const KilledEngine&) = delete;
  ~KilledEngine() { static_cast<void>(order_engine("start")); }

  void start() const {
    const Outcome outcome = order_engine("start");
    INFO(outcome.tail);
    REQUIRE(outcome.succeeded());
  }
};

std::string state_of(const TestHost& host, const std::string& container) {
  return host.docker({"inspect", "-f", "{{.State.Status}}", container});
}

void push_ok(const Project& project, const std::filesystem::path& repository, const std::string& version) {
  project.commit(version);
  const std::string told = what_was_told(project.push(repository));
  INFO(told);
  REQUIRE_THAT(told, ContainsSubstring("\nlive in ") || ContainsSubstring("\nready in "));
}

pid_t router_pid(const TestHost& host) {
  const auto status = boost::json::parse(host.tealhook({"router", "status", "--json"}).output);
  return status.at("pid").is_null() ? 0 : status.at("pid").to_number<pid_t>();
}

} // namespace

TEST_CASE(
    "after a crash of engine or host all that ran is started, proven and routed, and what a person stopped is not") {
  if (!has_own_engine()) {
    SKIP_TEST(k_no_host);
  }
  const bool with_router = GENERATE(true, false);
  TestHost host("haproxy");
  const Project project(host);
  const std::string shop = host.create_app();
  const std::string blog = host.create_app();
  host.set_settings(shop, "run: {processes: {worker: [/program, --port, '9']}}\n");
  push_ok(project, host.home().app(shop).live_repository(), "v1");
  push_ok(project, host.repository(shop, Color::green), "v2");
  push_ok(project, host.home().app(blog).live_repository(), "v3");
  push_ok(project, host.repository(blog, Color::green), "v4");
  host.docker({"stop", blog + "-green"});
  KilledEngine().start();
  if (with_router) {
    ::kill(router_pid(host), SIGKILL);
    wait_until([&] { return router_pid(host) == 0; }, std::chrono::seconds(30), "the router's death");
  }
  CHECK(state_of(host, shop + "-blue") == "exited");

  const std::string told = host.tealhook_ok({"recover"});
  INFO(told);
  CHECK_THAT(told, ContainsSubstring(shop + "-blue: had ended with the engine, and was started again") &&
                       ContainsSubstring(shop + "-blue.worker: had ended") &&
                       ContainsSubstring(shop + "-green.worker: had ended"));
  CHECK(told.find(shop + "-blue: had ended") < told.find(shop + "-green: had ended"));
  CHECK(told.find(blog + "-blue: had ended") < told.find(shop + "-green: had ended"));
  CHECK_THAT(told, ContainsSubstring(blog + "-green: does not run") && ContainsSubstring("somebody stopped it"));
  CHECK(host.live_answer(shop) == "v1 blue");
  CHECK(host.answer(shop, Color::green) == "v2 green");
  CHECK(host.live_answer(blog) == "v3 blue");
  CHECK(state_of(host, shop + "-blue.worker") == "running");
  CHECK(state_of(host, blog + "-green") == "exited");

  host.docker({"stop", shop + "-green"});
  CHECK_THAT(host.tealhook_ok({"recover"}), ContainsSubstring(shop + "-green: does not run"));
  CHECK(state_of(host, shop + "-green") == "exited");
}

TEST_CASE("what cannot be started after a crash of the engine is said with the reason, and the rest is started") {
  if (!has_own_engine()) {
    SKIP_TEST(k_no_host);
  }
  const ServedApp app;
  app.push("v2", Color::green);
  const KilledEngine engine;
  wait_until([&] { return app.host().tealhook({"status"}).exit_code == 3; }, std::chrono::seconds(30), "its end");
  const Background thief(
      {.arguments = {"busybox", "httpd", "-f", "-p", std::to_string(app.host().port(app.name(), Color::blue))},
       .environment = app.host().environment()});
  wait_until([&] { return find_port_owner(app.host().port(app.name(), Color::blue)).has_value(); },
             std::chrono::seconds(30), "the thief");
  engine.start();
  const Outcome outcome = app.host().tealhook({"recover"});
  INFO(outcome.tail);
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.output,
             ContainsSubstring(app.name() + "-blue: cannot be started: ") &&
                 ContainsSubstring(fmt::format("port {} is in use by pid", app.host().port(app.name(), Color::blue))));
  CHECK(app.answer(Color::green) == "v2 green");

  thief.signal(SIGKILL);
  static_cast<void>(thief.finish());
  CHECK_THAT(app.host().tealhook_ok({"recover"}), ContainsSubstring("-blue: had ended"));
  CHECK(app.answer(Color::blue) == "v1 blue");
}
