// Live traffic behind a real router: pushed, switched, rolled back, and never a request dropped.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/engine_proxy.hpp"
#include "support/kernel.hpp"
#include "support/load.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <SQLiteCpp/Database.h>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>
#include <future>
#include <memory>

using namespace teal;

namespace {

namespace json = boost::json;

/// An app behind a router, with nothing deployed yet.
class RoutedApp {
public:
  explicit RoutedApp(const std::string& router = "haproxy", std::string_view settings = "")
      : m_host(router), m_project(m_host) {
    let_kernel_hand_connections_over();
    set_settings(settings);
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  void set_settings(std::string_view yaml) const { m_host.set_settings(m_name, yaml); }
  [[nodiscard]] std::string live() const { return m_host.live_answer(m_name); }
  [[nodiscard]] std::string answer(Color color) const { return m_host.answer(m_name, color); }

  /// Commits and pushes to the live repository. Returns what the pusher saw.
  std::string push_live(const std::string& version) const {
    m_project.commit(version);
    return push_commit();
  }
  [[nodiscard]] std::string push_commit() const {
    return what_was_told(m_project.push(m_host.home().app(m_name).live_repository()));
  }
  std::string push_live_ok(const std::string& version) const {
    const std::string told = push_live(version);
    INFO(told);
    REQUIRE_THAT(told, ContainsSubstring("\nlive in "));
    return told;
  }
  std::string push(const std::string& version, Color color) const {
    m_project.commit(version);
    return what_was_told(m_project.push(m_name, color));
  }
  std::string run_ok(std::vector<std::string> arguments) const { return m_host.tealhook_ok(std::move(arguments)); }
  [[nodiscard]] Outcome run(std::vector<std::string> arguments) const { return m_host.tealhook(std::move(arguments)); }
  /// Until the runner has cleared up what the last deployment replaced.
  void await_rest() const { m_host.await_rest(m_name); }
  [[nodiscard]] json::value status() const { return json::parse(run_ok({"status", m_name, "--json"})); }
  [[nodiscard]] std::optional<Live> stored_live() const {
    const SystemClock clock;
    return Store(m_host.home().store(), clock).traffic.live(m_name);
  }
  /// Asked again where it ended while it was looked at, which is an error.
  [[nodiscard]] pid_t router_pid() const {
    json::object status;
    wait_until(
        [&] {
          status = json::parse(run({"router", "status", "--json"}).output).as_object();
          return status.contains("pid");
        },
        std::chrono::seconds(10), "the router's status");
    return status.at("pid").is_null() ? 0 : status.at("pid").to_number<pid_t>();
  }

private:
  TestHost m_host;
  std::string m_name = m_host.create_app();
  Project m_project;
};

/// A switch from v1 on blue to v2 on green that has come half the way, and stays there.
class BegunShift {
public:
  BegunShift() {
    wait_until([&] { return m_command->text().find("50% of live traffic goes to green") != std::string::npos; },
               k_patience, "the first step");
  }

  [[nodiscard]] const RoutedApp& app() const { return m_app; }
  [[nodiscard]] const Background& command() const { return *m_command; }
  void check_all_is_back() const {
    for (int i = 0; i < 10; ++i) {
      CHECK(m_app.live() == "v1 blue");
    }
  }

private:
  std::unique_ptr<Background> begin() {
    m_app.push_live_ok("v1");
    m_app.push("v2", Color::green);
    return std::make_unique<Background>(Command{
        .arguments = {TestHost::tool().string(), "switch", m_app.name(), "green", "--to", "50%,100%", "--every", "1h"},
        .environment = m_app.host().environment()});
  }

  RoutedApp m_app;
  std::unique_ptr<Background> m_command = begin();
};

} // namespace

TEST_CASE("a push to live deploys the idle color and takes live traffic along, and a rollback takes it back") {
  const RoutedApp app(GENERATE(as<std::string>(), "haproxy", "nginx", "caddy"));
  CHECK(app.live().empty());
  CHECK_THAT(app.push("v1", Color::green),
             ContainsSubstring("\nready in ") && ContainsSubstring("nothing is live yet"));
  CHECK(app.answer(Color::green) == "v1 green");
  CHECK_THAT(app.push_live_ok("v2"), ContainsSubstring("-> blue"));
  CHECK(app.live() == "v2 blue");
  CHECK_THAT(app.push_live_ok("v3"), ContainsSubstring("live traffic from blue to green"));
  CHECK(app.live() == "v3 green");
  CHECK(app.answer(Color::blue) == "v2 blue"); // for the way back
  CHECK(app.stored_live().value().color == Color::green);

  CHECK_THAT(app.push("v4", Color::blue), ContainsSubstring("live traffic stays on green"));
  CHECK(app.live() == "v3 green");
  CHECK_THAT(app.run_ok({"switch", app.name()}), ContainsSubstring("live traffic goes to blue"));
  CHECK(app.live() == "v4 blue");
  CHECK_THAT(app.run_ok({"switch", app.name(), "blue"}), ContainsSubstring("already"));
  CHECK_THAT(app.run_ok({"rollback", app.name()}), ContainsSubstring("live traffic is back on green"));
  CHECK(app.live() == "v3 green");
}

TEST_CASE("deploy without more goes where what was asked for last was to go though only live was pushed") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.run_ok({"freeze", app.name(), "-m", "stocktaking"});
  CHECK_THAT(app.push_live("v2"), ContainsSubstring("unfreeze " + app.name() + " --deploy"));
  app.run_ok({"unfreeze", app.name()});
  CHECK(app.live() == "v1 blue");
  CHECK_THAT(app.run_ok({"deploy", app.name()}), ContainsSubstring("\nlive in "));
  CHECK(app.live() == "v2 green");
  const std::string first = app.project().git({"rev-parse", "HEAD~1"});
  CHECK_THAT(app.run_ok({"deploy", app.name(), "--color", "live", "--rev", first.substr(0, 12)}),
             ContainsSubstring("\nlive in "));
  CHECK(app.live() == "v1 blue");
  CHECK_THAT(app.run_ok({"deploy", app.name(), "--color", "idle", "--rev", "main"}),
             ContainsSubstring("live traffic stays on blue"));
  CHECK(app.answer(Color::green) == "v2 green");
}

TEST_CASE("a rollback to a release that runs no more starts it with the settings it had, and builds nothing") {
  const RoutedApp app;
  app.set_settings("run: {env: {GREETING: of old}}\n");
  app.push_live_ok("v1");
  app.set_settings("run: {env: {GREETING: of now}}\n");
  app.push_live_ok("v2");
  app.push_live_ok("v3");
  app.await_rest();
  CHECK(app.live() == "v3 blue of now");
  const std::string told = app.run_ok({"rollback", app.name(), "1"});
  CHECK_THAT(told, ContainsSubstring("\nlive in ") && !ContainsSubstring("build "));
  CHECK(app.live() == "v1 green of old");
  const Outcome unknown = app.run({"rollback", app.name(), "77"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.tail, ContainsSubstring("has no release '77'; these are kept:") && ContainsSubstring("Say v2"));
}

TEST_CASE("no request fails over pushes to live, switches, rollbacks and pushes to the live color itself") {
  const RoutedApp app(GENERATE(as<std::string>(), "haproxy", "nginx", "caddy"));
  app.push_live_ok("v1");
  Load load(app.host().live_port(app.name()));
  for (int round = 0; round < 3; ++round) {
    app.push_live_ok(fmt::format("live {}", round));
    app.run_ok({"switch", app.name()});
    app.run_ok({"rollback", app.name()});
    const Color live = app.stored_live().value().color;
    CHECK_THAT(app.push(fmt::format("itself {}", round), live), ContainsSubstring("\nlive in "));
    CHECK(app.live() == fmt::format("itself {} {}", round, to_string(live)));
    app.run_ok({"rollback", app.name(), "1"});
  }
  load.stop();
  INFO(join(load.failures(), "\n"));
  CHECK(load.failures().empty());
  CHECK(load.requests() > 300);
}

TEST_CASE("no client of any kind loses a request over pushes to live and switches") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "nginx", "caddy");
  const RoutedApp app(router);
  app.push_live_ok("v1");
  app.push_live_ok("v2");
  std::vector<ClientKind> kinds{ClientKind::kept, ClientKind::posting, ClientKind::http10, ClientKind::pipelining};
  if (router != "caddy") { // which forwards a body in pieces
    kinds.push_back(ClientKind::answered_early);
  }
  Load load(app.host().live_port(app.name()), kinds);
  for (int round = 0; round < 3; ++round) {
    app.push_live_ok(fmt::format("live {}", round));
    app.run_ok({"switch", app.name()});
  }
  app.await_rest();
  Load talk(app.host().live_port(app.name()), {ClientKind::upgraded});
  app.run_ok({"switch", app.name()});
  app.run_ok({"rollback", app.name()});
  talk.stop();
  load.stop();
  INFO(router << ": " << load.failures().size() << " of " << load.requests() << "\n" << join(load.failures(), "\n"));
  CHECK(load.failures().empty());
  CHECK(talk.failures().empty());
  CHECK(load.requests() > 300);
}

TEST_CASE("a long request is answered by the container it went to, which is waited for before it is stopped") {
  const RoutedApp app(GENERATE(as<std::string>(), "haproxy", "nginx", "caddy"));
  app.push_live_ok("v1");
  const Background slow(
      {.arguments = {"curl", "-s", "-S", fmt::format("http://127.0.0.1:{}/slow5", app.host().live_port(app.name()))},
       .environment = app.host().environment()});
  wait_until(
      [&] {
        const json::value status = json::parse(app.run_ok({"router", "status", "--json"}));
        for (const auto& route : status.at("routes").as_array()) {
          for (const auto& server : route.at("servers").as_array()) {
            if (server.at("in_flight").to_number<int>() > 0) {
              return true;
            }
          }
        }
        return false;
      },
      k_patience, "the request at the router");
  const Color live = app.stored_live().value().color;
  CHECK_THAT(app.push("v2", live), ContainsSubstring("\nlive in "));
  CHECK(app.live() == fmt::format("v2 {}", to_string(live)));
  CHECK_THAT(slow.finish(), Catch::Matchers::StartsWith(fmt::format("v1 {}", to_string(live))));
  app.await_rest();
  CHECK_THAT(app.run_ok({"logs", app.name()}), ContainsSubstring("all requests to the old container have ended"));
}

TEST_CASE("without a router, a push to live and a switch are refused in words, and a rollback goes back in place") {
  const ServedApp app;
  app.push("v2");
  const std::string told = what_was_told(app.project().push(app.host().home().app(app.name()).live_repository()));
  CHECK_THAT(told, ContainsSubstring("there is no router") && ContainsSubstring("FAILED"));
  const Outcome switched = app.host().tealhook({"switch", app.name()});
  CHECK(switched.exit_code == 2);
  CHECK_THAT(switched.tail, ContainsSubstring("set router.kind"));
  CHECK_THAT(app.host().tealhook_ok({"rollback", app.name()}), ContainsSubstring("\nready in "));
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("a switch to what does not run, or is not healthy, leaves live traffic where it is") {
  const RoutedApp app("haproxy", "health: {timeout: 300ms}\n");
  app.push_live_ok("v1");
  const Outcome empty = app.run({"switch", app.name()});
  CHECK(empty.exit_code == 2);
  CHECK_THAT(empty.tail, ContainsSubstring("nothing runs on green: push to it first; live traffic stays on blue"));
  app.push("v2", Color::green);
  app.host().docker({"pause", app.name() + "-green"});
  const Outcome sick = app.run({"switch", app.name(), "green"});
  app.host().docker({"unpause", app.name() + "-green"});
  CHECK(sick.exit_code == 3);
  CHECK_THAT(sick.tail, ContainsSubstring("green is not healthy") && ContainsSubstring("live traffic stays on blue"));
  CHECK(app.live() == "v1 blue");
}

TEST_CASE("a router that was killed is started by whoever needs it, with the routes of all apps") {
  const RoutedApp app(GENERATE(as<std::string>(), "haproxy", "nginx", "caddy"));
  const std::string other = app.host().create_app();
  app.push_live_ok("v1");
  REQUIRE(app.project().push(app.host().home().app(other).live_repository()).succeeded());
  app.await_rest();
  const auto kill_router = [&] {
    ::kill(app.router_pid(), SIGKILL);
    wait_until([&] { return app.router_pid() == 0; }, k_patience, "the router's death");
  };
  kill_router();
  CHECK_THAT(app.push_live_ok("v2"), ContainsSubstring("the router did not run: it was started"));
  CHECK(app.live() == "v2 green");
  CHECK(app.host().live_answer(other) == "v1 blue");
  kill_router();
  app.run_ok({"rollback", app.name()});
  CHECK(app.live() == "v1 blue");
  CHECK(app.host().live_answer(other) == "v1 blue");
  kill_router();
  CHECK_THAT(app.run_ok({"recover"}), ContainsSubstring("the router was started"));
  CHECK(app.live() == "v1 blue");
}

TEST_CASE("a router that a person took down is started by nobody else, and it is said who that was") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.run_ok({"router", "down"});
  const std::string words = "the router was taken down by root; start it: tealhook";
  CHECK_THAT(app.push_live("v2"), ContainsSubstring(words));
  CHECK_THAT(app.run({"switch", app.name()}).tail, ContainsSubstring(words));
  CHECK_THAT(app.run_ok({"recover"}), ContainsSubstring(words));
  CHECK(app.router_pid() == 0);
  app.run_ok({"router", "up"});
  CHECK(app.live() == "v1 blue");
  app.push_live_ok("v3");
}

TEST_CASE("a router that starts serves no container but those that it had, though another has their address now") {
  const RoutedApp app;
  const std::string other = app.host().create_app();
  app.push_live_ok("v1");
  app.push("v2", Color::green);
  app.await_rest();
  ::kill(app.router_pid(), SIGKILL);
  const std::string blue = app.name() + "-blue";
  const std::string network = "tealhook-" + app.name();
  const std::string address =
      app.host().docker({"inspect", "-f", "{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}", blue});
  const std::string image = app.host().docker({"inspect", "-f", "{{.Image}}", blue});
  app.host().docker({"rm", "-f", blue});
  app.host().docker({"run", "-d", "--name", blue + "-stranger", "--network", network, "--ip", address, image});
  const Outcome push = app.project().push(app.host().home().app(other).live_repository());
  app.host().docker({"rm", "-f", blue + "-stranger"});
  INFO(push.tail);
  CHECK(push.succeeded());
  CHECK_THAT(app.live(), ContainsSubstring("no container serves live now"));
  CHECK(app.answer(Color::green) == "v2 green");
  CHECK(app.host().live_answer(other) == "v2 blue");
}

TEST_CASE("a router that is killed while a deployment runs is started by it") {
  const RoutedApp app(GENERATE(as<std::string>(), "haproxy", "nginx", "caddy"), "health: {settle: 2s}\n");
  app.push_live_ok("v1");
  app.await_rest();
  app.project().commit("v2");
  auto pushed = std::async(std::launch::async, [&] { return app.push_commit(); }); // Catch has no locks: no assertion
  const std::string successor = fmt::format("name=^{}-green-next$", app.name());
  wait_until(
      [&] {
        return !app.host().docker({"ps", "-q", "--filter", successor}).empty();
      },
      k_patience, "the new container");
  ::kill(app.router_pid(), SIGKILL);
  CHECK_THAT(pushed.get(), ContainsSubstring("\nlive in "));
  CHECK(app.live() == "v2 green");
}

TEST_CASE("a deployment that has taken over is live, though it cannot be stored that it has") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.await_rest();
  const Database database(app.host().home().store());
  database.handle().exec("CREATE TRIGGER no_end BEFORE UPDATE ON steps WHEN NEW.name = 'switch' AND NEW.status <> "
                         "'running' AND OLD.deployment_id = 2 AND (SELECT status FROM deployments WHERE id = 2) = "
                         "'running' BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END");
  CHECK_THAT(app.push_live("v2"), ContainsSubstring("the disk is on fire") && ContainsSubstring("\nlive in "));
  CHECK(app.live() == "v2 green");
  CHECK(app.stored_live().value().color == Color::green);
  CHECK_THAT(app.run_ok({"history", app.name()}), !ContainsSubstring("failed"));
}

TEST_CASE("what waits to be deployed while the router is started is deployed then") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.await_rest();
  const SystemClock clock;
  Store store(app.host().home().store(), clock);
  Event event = store.history.latest(app.name()).value().event;
  store.queue.enqueue(event, Color::green); // and its runner found all apps taken
  app.run_ok({"router", "up"});
  wait_until([&] { return app.answer(Color::green) == "v1 green"; }, k_patience, "the deployment");
  app.await_rest();
}

TEST_CASE("a router whose service manager ends it is down, and outlives one that is killed") {
  const RoutedApp app;
  app.push_live_ok("v1");
  const pid_t router = app.router_pid();
  const auto watch = [&] {
    auto watcher =
        std::make_unique<Background>(Command{.arguments = {TestHost::tool().string(), "router", "up", "--foreground"},
                                             .environment = app.host().environment()});
    wait_until([&] { return watcher->text().find("COMES IN AT") != std::string::npos; }, k_patience, "the routes");
    return watcher;
  };
  const auto killed = watch();
  killed->signal(SIGKILL);
  static_cast<void>(killed->finish());
  CHECK(app.router_pid() == router);
  const auto ended = watch();
  ended->signal(SIGTERM);
  CHECK_THAT(ended->finish(), ContainsSubstring("exit: 0"));
  CHECK(app.router_pid() == 0);
  CHECK_THAT(app.run({"router", "status"}).output, ContainsSubstring("was taken down by root"));
  app.run_ok({"router", "up"});
  CHECK(app.live() == "v1 blue");
}

TEST_CASE("an app whose container is gone gets a 503 that says so, also after the engine gave its address away") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.await_rest();
  app.host().docker({"rm", "-f", app.name() + "-blue"});
  app.run_ok({"recover"});
  CHECK_THAT(app.live(), ContainsSubstring(app.name() + ": no container serves live now"));
  app.push_live_ok("v2");
  CHECK(app.live() == "v2 green");
}

TEST_CASE("a release's tasks run before it is started, and one that fails leaves all as it was") {
  const RoutedApp app("haproxy", "deploy: {before_switch: [[/program, --exit, '0']]}\n");
  CHECK_THAT(app.push_live_ok("v1"), ContainsSubstring("'/program --exit 0' done in "));
  app.set_settings("deploy: {before_switch: [[/program, --exit, '3']]}\n");
  CHECK_THAT(app.push_live("v2"), ContainsSubstring("'/program --exit 3' (deploy.before_switch) exited with 3") &&
                                      ContainsSubstring("the cupboard is bare"));
  CHECK(app.live() == "v1 blue");
}

TEST_CASE("further processes start with the app, change with it, and go when the settings name them no more") {
  const RoutedApp app("haproxy", "run: {processes: {worker: [/program, --port, '9']}}\n");
  const std::string worker = app.name() + "-blue.worker";
  CHECK_THAT(app.push("v1", Color::blue), ContainsSubstring(worker) && ContainsSubstring("\nready in "));
  app.await_rest();
  const std::string first = app.host().docker({"inspect", "-f", "{{.Id}} {{.State.Running}}", worker});
  CHECK_THAT(first, ContainsSubstring(" true"));

  app.set_settings("run: {processes: {worker: [/program, --exit, '4']}}\n");
  CHECK_THAT(app.push("v2", Color::blue), ContainsSubstring("process 'worker' exited with 4"));
  CHECK(app.answer(Color::blue) == "v1 blue");
  CHECK(app.host().docker({"inspect", "-f", "{{.Id}} {{.State.Running}}", worker}) == first);

  app.set_settings("");
  CHECK_THAT(app.push("v3", Color::blue), ContainsSubstring("\nready in "));
  app.await_rest();
  CHECK(app.host().docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + app.name()}) ==
        app.name() + "-blue");
}

TEST_CASE("what is healthy at first and then fails does not get traffic") {
  const RoutedApp app("haproxy", "health: {settle: 4s}\n");
  app.project().set_arguments({"--die-after", "1"});
  CHECK_THAT(app.push_live("v1"), ContainsSubstring("FAILED") && ContainsSubstring("exited with"));
  CHECK(app.live().empty());
}

TEST_CASE("traffic that is shifted step by step arrives, or goes back by itself if the new color fails") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.push("v2", Color::green);
  const std::string told = app.run_ok({"switch", app.name(), "green", "--to", "50%,100%", "--every", "300ms"});
  CHECK_THAT(told,
             ContainsSubstring("50% of live traffic goes to green") && ContainsSubstring("live traffic goes to green"));
  CHECK(app.live() == "v2 green");

  Load failing(app.host().live_port(app.name()), "/fail");
  const Outcome back =
      app.run({"switch", app.name(), "blue", "--to", "50%,100%", "--every", "20s", "--max-errors", "1%"});
  failing.stop();
  CHECK(back.exit_code == 1);
  CHECK_THAT(back.tail, ContainsSubstring("failed, which is more than 1%; all live traffic is back on green"));
  CHECK(app.live() == "v2 green");
  CHECK(app.stored_live().value().color == Color::green);
}

TEST_CASE("a switch step by step that is called off goes back") {
  const BegunShift shift;
  shift.command().signal(SIGINT);
  const std::string told = shift.command().finish();
  CHECK_THAT(told, ContainsSubstring("it was called off; all live traffic is back on blue"));
  CHECK_THAT(told, ContainsSubstring("exit: 1"));
  shift.check_all_is_back();
}

TEST_CASE("a switch step by step is called off by a rollback, which takes all live traffic back") {
  const BegunShift shift;
  const Outcome unsaid = shift.app().run({"switch", shift.app().name()});
  CHECK(unsaid.exit_code == 2);
  CHECK_THAT(unsaid.tail, ContainsSubstring("is under way: say where to"));
  CHECK_THAT(shift.app().run_ok({"rollback", shift.app().name()}),
             ContainsSubstring("the switch from blue to green by root, at 50%, is called off") &&
                 ContainsSubstring("live traffic is back on blue"));
  shift.check_all_is_back();
  const std::string told = shift.command().finish();
  CHECK_THAT(told, ContainsSubstring("it was called off by root; all live traffic is back on blue") &&
                       ContainsSubstring("exit: 1"));
  shift.check_all_is_back();
}

TEST_CASE("a switch step by step is called off by a switch at once, either way") {
  const std::string color = GENERATE(as<std::string>(), "blue", "green");
  const BegunShift shift;
  CHECK_THAT(shift.app().run_ok({"switch", shift.app().name(), color}), ContainsSubstring("is called off"));
  const std::string told = shift.command().finish();
  CHECK_THAT(told, (ContainsSubstring("it was called off by root") && ContainsSubstring("on " + color)) ||
                       ContainsSubstring("goes to " + color));
  for (int i = 0; i < 10; ++i) {
    CHECK(shift.app().live() == (color == "blue" ? "v1 blue" : "v2 green"));
  }
  CHECK(to_string(shift.app().stored_live().value().color) == color);
}

TEST_CASE("a switch step by step is called off by a deployment once it takes over, and goes on until then") {
  const BegunShift shift;
  CHECK_THAT(shift.app().push("v3", Color::green), ContainsSubstring("by root, at 50%, is called off"));
  CHECK_THAT(shift.command().finish(), ContainsSubstring("it was called off by "));
  shift.check_all_is_back();
  CHECK(shift.app().answer(Color::green) == "v3 green");
}

TEST_CASE("a switch step by step whose command was killed is undone by whoever comes next") {
  const BegunShift shift;
  static_cast<void>(shift.app().run_ok({"recover"})); // leaves it alone
  CHECK(shift.command().is_running());
  shift.command().signal(SIGKILL);
  static_cast<void>(shift.command().finish());
  SECTION("recover") {
    CHECK_THAT(shift.app().run_ok({"recover"}), ContainsSubstring("was left by its command, and is ended"));
  }
  SECTION("a runner") {
    CHECK_THAT(shift.app().push("v3", Color::green), ContainsSubstring("\nready in "));
  }
  SECTION("another switch") {
    shift.app().run_ok({"switch", shift.app().name(), "blue"});
  }
  shift.check_all_is_back();
}

TEST_CASE("a switch step by step whose command was killed once all traffic had arrived is not undone") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.push("v2", Color::green);
  app.run_ok({"switch", app.name(), "green"});
  write_file(app.host().home().app(app.name()).shift(), "root\nblue\ngreen\n50\n\n"); // as it leaves it then
  app.run_ok({"recover"});
  CHECK(app.live() == "v2 green");
  CHECK(app.stored_live().value().color == Color::green);
}

TEST_CASE("a switch step by step whose router is killed starts it and goes on, and back where it was taken down") {
  const BegunShift shift;
  ::kill(shift.app().router_pid(), SIGKILL);
  wait_until([&] { return shift.app().router_pid() != 0; }, k_patience, "the router");
  CHECK(shift.command().is_running());
  shift.app().run_ok({"router", "down"});
  const std::string told = shift.command().finish();
  CHECK_THAT(told,
             ContainsSubstring("the router was taken down by root; start it: tealhook router up; live traffic goes "
                               "back to blue"));
  CHECK_THAT(told, ContainsSubstring("exit: 3"));
  shift.app().run_ok({"router", "up"});
  shift.check_all_is_back();
}

TEST_CASE("two switches at once come one after the other, and a request sees one color or the other") {
  const RoutedApp app;
  app.push_live_ok("v1");
  app.push("v2", Color::green);
  Load load(app.host().live_port(app.name()));
  auto one = std::async(std::launch::async, [&] { return app.run({"switch", app.name(), "green"}); });
  const Outcome other = app.run({"switch", app.name(), "green"});
  CHECK(one.get().succeeded());
  CHECK(other.succeeded());
  load.stop();
  CHECK(load.failures().empty());
  CHECK(app.live() == "v2 green");
  CHECK(app.stored_live().value().color == Color::green);
}

TEST_CASE("with keep_idle: false, what was live is stopped once its requests have ended, and can still come back") {
  const RoutedApp app("haproxy", "deploy: {keep_idle: false}\n");
  app.push_live_ok("v1");
  Load load(app.host().live_port(app.name()));
  app.push_live_ok("v2");
  app.await_rest();
  load.stop();
  CHECK(load.failures().empty());
  CHECK(app.live() == "v2 green");
  CHECK(app.host().docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + app.name()}) ==
        app.name() + "-green");
  CHECK_THAT(app.answer(Color::blue), ContainsSubstring("no container serves"));
  app.run_ok({"rollback", app.name()});
  CHECK_THAT(app.live(), ContainsSubstring("v1 "));
}

TEST_CASE("check looks at the router and at the live repository") {
  const RoutedApp app;
  app.push_live_ok("v1");
  const std::string good = app.run_ok({"check", app.name()});
  CHECK_THAT(good, ContainsSubstring("HAProxy") && ContainsSubstring("live.git' deploys the idle color"));
  std::filesystem::remove(app.host().home().app(app.name()).live_repository() / "hooks/post-receive");
  app.run_ok({"router", "down"});
  const Outcome bad = app.run({"check", app.name()});
  CHECK(bad.exit_code != 0);
  CHECK_THAT(bad.output, ContainsSubstring("tealhook router up") && ContainsSubstring("--color live"));
}

TEST_CASE("two ways to ask for the impossible are refused before anything moves") {
  const RoutedApp app;
  for (const char* stages : {"0%", "50%,40%", "101%", "half"}) {
    const Outcome refused = app.run({"switch", app.name(), "--to", stages});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.tail, ContainsSubstring("give rising percentages"));
  }
}

TEST_CASE("a runner killed around the switch is followed by one that does what the router says") {
  EngineProxy proxy;
  const RoutedApp app;
  app.host().use_engine(proxy.host());
  app.push_live_ok("v1");
  struct Crash {
    const char* request;
    EngineProxy::Moment moment;
  };
  int number = 1;
  for (const Crash& crash :
       {Crash{"/containers/create", EngineProxy::Moment::after}, Crash{"/start", EngineProxy::Moment::after},
        Crash{"/update", EngineProxy::Moment::before}, Crash{"/update", EngineProxy::Moment::after},
        Crash{"/rename", EngineProxy::Moment::before}, Crash{"/rename", EngineProxy::Moment::after}}) {
    const std::string version = fmt::format("v{}", ++number);
    app.await_rest();
    proxy.interrupt(
        [&](std::string_view line) { return line.find(crash.request) != std::string_view::npos; }, crash.moment,
        [&] {
          if (const auto runner = find_process({"--home", app.host().home().root.string(), "runner", app.name()})) {
            ::kill(runner->pid, SIGKILL);
          }
        });
    const std::string told = app.push_live(version);
    INFO(crash.request << " " << static_cast<int>(crash.moment) << "\n" << told);
    CHECK(proxy.pending() == 0);
    CHECK_THAT(told, ContainsSubstring("killed") && ContainsSubstring("\nlive "));
    CHECK_THAT(app.live(), ContainsSubstring(version + " "));
    app.await_rest();
    CHECK(app.live() == fmt::format("{} {}", version, to_string(app.stored_live().value().color)));
  }
}
