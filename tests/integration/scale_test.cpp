// Replicas: how many answer an app's requests, changed under load, kept over what is deployed, and mended.
#include "core/text.hpp"
#include "model/app.hpp"
#include "process/atomic_file.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/engine_proxy.hpp"
#include "support/kernel.hpp"
#include "support/load.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>

using namespace teal;
using Moment = EngineProxy::Moment;

namespace {

namespace json = boost::json;

/// An app behind a router, whose engine is reached through a proxy, with v1 live on blue.
class ScaledApp {
public:
  explicit ScaledApp(const std::string& router = "haproxy", const std::vector<std::string>& arguments = {})
      : m_host(router), m_name(m_host.create_app()), m_project(m_host, arguments) {
    let_kernel_hand_connections_over();
    m_host.use_engine(m_proxy.host());
    m_host.set_settings(m_name, "run:\n  # as many as it takes\n  replicas: 1 # more in december\n");
    push_live("v1");
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] EngineProxy& proxy() { return m_proxy; }
  [[nodiscard]] std::uint16_t port() const { return m_host.live_port(m_name); }
  [[nodiscard]] std::string settings() const { return read_file(m_host.home().app(m_name).settings()); }

  void push_live(const std::string& version) const {
    m_project.commit(version);
    const std::string told = what_was_told(m_project.push(m_host.home().app(m_name).live_repository()));
    INFO(told);
    REQUIRE_THAT(told, ContainsSubstring("\nlive in "));
  }
  std::string ok(std::vector<std::string> arguments) const { return m_host.tealhook_ok(std::move(arguments)); }
  [[nodiscard]] Outcome run(std::vector<std::string> arguments) const { return m_host.tealhook(std::move(arguments)); }
  /// Until what was replaced is gone.
  void scale(const std::string& replicas) const {
    ok({"scale", m_name, replicas});
    m_host.await_rest(m_name);
  }
  [[nodiscard]] json::object slot(Color color) const {
    const auto slots = json::parse(ok({"status", m_name, "--json"}));
    return slots.at(color == Color::blue ? 0 : 1).as_object();
  }
  [[nodiscard]] std::size_t replicas(Color color = Color::blue) const {
    return slot(color).at("replicas").as_array().size();
  }
  /// Of those that answer the live port.
  [[nodiscard]] std::set<std::string> answering() const {
    std::set<std::string> seen;
    for (int i = 0; i < 24; ++i) {
      seen.insert(http_get(port(), "/replica"));
    }
    return seen;
  }
  /// Names of all that the engine has of the app, running or not.
  [[nodiscard]] std::set<std::string> containers() const {
    const auto names =
        split(m_host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + m_name}), '\n');
    return {names.begin(), names.end()};
  }
  [[nodiscard]] std::set<std::string> names(Color color, int count) const {
    std::set<std::string> names{container_name(m_name, color)};
    for (int i = 2; i <= count; ++i) {
      names.insert(fmt::format("{}.{}", container_name(m_name, color), i));
    }
    return names;
  }
  [[nodiscard]] std::optional<ProcessId> runner() const {
    return find_process({"--home", m_host.home().root.string(), "runner", m_name});
  }
  /// The runner is killed at its next request to the engine that contains `request`.
  void kill_runner_at(const std::string& request, Moment moment) {
    m_proxy.interrupt([request](std::string_view line) { return line.find(request) != std::string_view::npos; }, moment,
                      [this] {
                        if (const auto found = runner()) {
                          ::kill(found->pid, SIGKILL);
                        }
                      });
  }
  [[nodiscard]] json::object newest() const {
    const json::value entries = json::parse(ok({"history", m_name, "--json"}));
    for (const json::value& entry : entries.as_array()) {
      if (entry.at("kind") == "deployment") {
        return entry.as_object();
      }
    }
    return {};
  }

private:
  EngineProxy m_proxy;
  TestHost m_host;
  std::string m_name;
  Project m_project;
};

void check_no_request_failed(Load& load) {
  load.stop();
  INFO(join(load.failures(), "\n"));
  CHECK(load.failures().empty());
  CHECK(load.requests() > 0);
}

const std::vector<ClientKind> k_clients{ClientKind::fresh, ClientKind::kept, ClientKind::posting};

} // namespace

TEST_CASE("an app is scaled up and down under load, keeps its number over what is deployed, and drops nothing") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "nginx", "caddy");
  INFO(router);
  const ScaledApp app(router);
  Load load(app.port(), k_clients);

  app.scale("3");
  CHECK(app.containers() == app.names(Color::blue, 3));
  CHECK(app.answering() == std::set<std::string>{"1 on 8080", "2 on 8080", "3 on 8080"});
  CHECK_THAT(app.settings(), ContainsSubstring("  # as many as it takes\n  replicas: 3 # more in december\n"));
  CHECK_THAT(app.ok({"status", app.name()}), ContainsSubstring("running 3/3"));
  CHECK(app.newest().at("scale") == 3);

  app.push_live("v2"); // on green
  app.host().await_rest(app.name());
  CHECK(app.replicas(Color::green) == 3);
  CHECK_THAT(app.host().live_answer(app.name()), ContainsSubstring("v2 green"));
  CHECK(app.answering().size() == 3);

  app.ok({"rollback", app.name()});
  CHECK_THAT(app.host().live_answer(app.name()), ContainsSubstring("v1 blue"));
  CHECK(app.slot(Color::blue).at("live") == true);
  app.ok({"restart", app.name()});
  app.host().await_rest(app.name());
  CHECK(app.answering().size() == 3);

  app.ok({"destroy", app.name()});
  app.ok({"destroy", app.name()});
  app.host().await_rest(app.name());
  CHECK(app.answering() == std::set<std::string>{"1 on 8080"});
  CHECK(app.containers().size() == 2); // one of each color
  check_no_request_failed(load);
}

TEST_CASE("a scaling whose runner is killed at any call to the engine is brought to its end under load") {
  struct Crash {
    const char* replicas;
    const char* request;
    Moment moment;
  };
  const std::vector<Crash> crashes{
      {"3", "/containers/create", Moment::after}, {"2", "-retired-", Moment::before},
      {"4", "/start HTTP", Moment::after},        {"1", "-retired-", Moment::after},
      {"3", "/update", Moment::before},           {"5", "-blue.5 HTTP", Moment::before},
  };
  ScaledApp app;
  Load load(app.port());
  for (const Crash& crash : crashes) {
    INFO(fmt::format("to {}, killed {} {}", crash.replicas, crash.moment == Moment::before ? "before" : "after",
                     crash.request));
    app.kill_runner_at(crash.request, crash.moment);
    const Outcome scaled = app.run({"scale", app.name(), crash.replicas});
    INFO(scaled.tail);
    CHECK(scaled.succeeded());
    CHECK(app.proxy().pending() == 0);
    CHECK_THAT(scaled.tail, ContainsSubstring("the runner was killed") || ContainsSubstring("its runner was killed"));
    app.host().await_rest(app.name());
    CHECK(app.containers() == app.names(Color::blue, std::atoi(crash.replicas)));
    CHECK(app.answering().size() == static_cast<std::size_t>(std::atoi(crash.replicas)));
    CHECK_THAT(app.settings(), ContainsSubstring(fmt::format("replicas: {}", crash.replicas)));
  }
  check_no_request_failed(load);
}

TEST_CASE("a replica that is not healthy leaves all as it was, and a number that cannot be is refused") {
  const ScaledApp app("haproxy", {"--lame", "3"});
  app.scale("2");
  const Outcome failed = app.run({"spawn", app.name()});
  INFO(failed.tail);
  CHECK(failed.exit_code == 1);
  CHECK_THAT(failed.tail, ContainsSubstring("exited with 1") && ContainsSubstring("the cupboard is bare") &&
                              ContainsSubstring("2 replicas"));
  CHECK(app.containers() == app.names(Color::blue, 2));
  CHECK_THAT(app.settings(), ContainsSubstring("replicas: 2"));
  CHECK(app.answering().size() == 2);

  const Outcome many = app.run({"scale", app.name(), "11"});
  CHECK(many.exit_code == 2);
  CHECK_THAT(many.tail, ContainsSubstring("can have 10 replicas at most"));
  CHECK(app.run({"scale", app.name(), "0"}).exit_code == 2);
  app.scale("1");
  const Outcome last = app.run({"destroy", app.name()});
  CHECK(last.exit_code == 2);
  CHECK_THAT(last.tail, ContainsSubstring("the last replica") && ContainsSubstring("tealhook stop " + app.name()));
  CHECK_THAT(app.ok({"scale", app.name(), "1"}), ContainsSubstring("has 1 replica already"));
}

TEST_CASE("a replica that dies lives again, one that was removed is told and brought back, and the others serve") {
  const ScaledApp app;
  app.scale("3");
  const std::string second = container_name(app.name(), Color::blue) + ".2";
  ::kill(static_cast<pid_t>(std::stoi(app.host().docker({"inspect", "-f", "{{.State.Pid}}", second}))), SIGKILL);
  wait_until([&] { return app.slot(Color::blue).at("replicas").at(1).at("restarts") == 1; }, k_patience,
             "its second life");
  CHECK_THAT(app.ok({"status", app.name()}), ContainsSubstring("replica 2 restarted 1 time"));
  wait_until([&] { return app.answering().size() == 3; }, k_patience, "requests for its second life");

  app.host().docker({"rm", "-f", second});
  CHECK_THAT(app.ok({"status", app.name()}), ContainsSubstring("running 2/3"));
  const std::set<std::string> others{"1 on 8080", "3 on 8080"};
  wait_until([&] { return app.answering() == others; }, k_patience, "the router's going on without it");
  CHECK_THAT(app.ok({"recover"}), ContainsSubstring("has fewer than 3 replicas"));
  app.host().await_rest(app.name());
  CHECK(app.containers() == app.names(Color::blue, 3));
  CHECK(app.answering().size() == 3);
  CHECK_THAT(app.ok({"recover"}), ContainsSubstring("all is as it should be"));
}

TEST_CASE("without a router nothing is scaled, and nothing is deployed that wants replicas") {
  const ServedApp app;
  const Outcome refused = app.host().tealhook({"spawn", app.name()});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.tail, ContainsSubstring("tealhook router up"));
  app.set_settings("run: {replicas: 2}\n");
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("run.replicas"));
}

TEST_CASE("an app that was stopped or never deployed is scaled with what comes next") {
  const ScaledApp app;
  app.ok({"scale", app.name(), "2"});
  app.host().await_rest(app.name());
  app.ok({"stop", app.name(), "--yes"});
  CHECK(app.answering() == std::set<std::string>{fmt::format("{}: no container serves live now", app.name())});
  app.ok({"start", app.name()});
  CHECK(app.answering().size() == 2);
  const std::string fresh = app.host().create_app();
  CHECK_THAT(app.ok({"scale", fresh, "4"}), ContainsSubstring("with the next deployment"));
  CHECK_THAT(read_file(app.host().home().app(fresh).settings()), ContainsSubstring("replicas: 4"));
}
