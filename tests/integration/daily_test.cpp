// What people do with an app that runs: environment, restart, stop and start, its output, commands in it, host names.
#include "core/text.hpp"
#include "model/app.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/load.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <csignal>

using namespace teal;

namespace json = boost::json;

namespace {

/// An app behind HAProxy whose v1 is live on blue, with nothing else deployed.
class LiveApp {
public:
  explicit LiveApp(std::string_view settings = "", const std::string& router = "haproxy")
      : m_host(router), m_name(m_host.create_app()), m_project(m_host) {
    m_host.set_settings(m_name, settings);
    push("v1");
    REQUIRE_THAT(m_host.live_answer(m_name), ContainsSubstring("v1 blue"));
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] std::string live() const { return m_host.live_answer(m_name); }
  [[nodiscard]] std::string web(Color color = Color::blue) const { return container_name(m_name, color); }
  void push(const std::string& version) const {
    m_project.commit(version);
    const std::string told = what_was_told(m_project.push(m_host.home().app(m_name).live_repository()));
    INFO(told);
    REQUIRE_THAT(told, ContainsSubstring("\nlive in "));
  }
  [[nodiscard]] Outcome run(std::vector<std::string> arguments) const { return m_host.tealhook(std::move(arguments)); }
  std::string ok(std::vector<std::string> arguments) const { return m_host.tealhook_ok(std::move(arguments)); }
  /// The tool with what comes by standard input, in a shell's words.
  [[nodiscard]] Outcome by_shell(const std::string& words) const {
    return teal::run({.arguments = {"sh", "-c", TestHost::tool().string() + " " + words},
                      .environment = m_host.environment(),
                      .deadline = std::chrono::minutes(2)});
  }
  [[nodiscard]] Command command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TestHost::tool().string());
    return {.arguments = std::move(arguments), .environment = m_host.environment()};
  }
  [[nodiscard]] json::object last_action(std::string_view verb) const {
    const json::value rows = json::parse(ok({"audit", m_name, "--json"}));
    for (const json::value& row : rows.as_array()) {
      if (row.at("verb").as_string() == verb) {
        return row.as_object();
      }
    }
    return {};
  }
  [[nodiscard]] std::string id(const std::string& container) const {
    return m_host.docker({"inspect", "-f", "{{.Id}}", container});
  }
  /// Names of all that the engine has of the app, running or not.
  [[nodiscard]] std::string containers() const {
    return m_host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + m_name});
  }

private:
  TestHost m_host;
  std::string m_name;
  Project m_project;
};

void check_nothing_was_dropped(Load& load) {
  load.stop();
  INFO(join(load.failures(), "\n"));
  CHECK(load.failures().empty());
  CHECK(load.requests() > 0);
}

} // namespace

TEST_CASE("restart and env set start what is live anew, and drop nothing") {
  const LiveApp app;
  const std::string before = app.id(app.web());
  Load load(app.host().live_port(app.name()), {ClientKind::fresh, ClientKind::kept});
  CHECK_THAT(app.ok({"restart", app.name()}), ContainsSubstring("-> blue") && ContainsSubstring("\nlive in "));
  const std::string restarted = app.id(app.web());
  CHECK(restarted != before);
  CHECK_THAT(app.ok({"env", app.name(), "set", "GREETING=hello"}), ContainsSubstring("\nlive in "));
  CHECK(app.live() == "v1 blue hello");
  app.host().await_rest(app.name());
  check_nothing_was_dropped(load);
  const json::value history = json::parse(app.ok({"history", app.name(), "--json"}));
  CHECK(history.at(0).at("restart") == true);
  CHECK(history.at(0).at("rollback") == false);
  CHECK(history.at(0).at("release") == history.at(2).at("release"));
  CHECK_THAT(app.ok({"history", app.name()}), ContainsSubstring("restart by "));

  app.push("v2"); // to green, with what was set
  CHECK(app.live() == "v2 green hello");
  CHECK_THAT(app.ok({"restart", app.name(), "--color", "blue"}), ContainsSubstring("live traffic stays on green"));
  app.ok({"freeze", app.name(), "-m", "stocktaking"});
  CHECK_THAT(app.ok({"restart", app.name()}), ContainsSubstring("\nlive in ")); // brings nothing new
}

TEST_CASE("variables are shown without their values, set in secret, unset, and kept for later") {
  const LiveApp app;
  CHECK_THAT(app.ok({"env", app.name()}), ContainsSubstring("has no variables"));
  const Outcome set = app.by_shell(fmt::format("env {} set GREETING TOKEN=t0p --later <<'E'\ns3cret\nE", app.name()));
  INFO(set.tail);
  REQUIRE(set.succeeded());
  CHECK_THAT(set.output, ContainsSubstring("GREETING, TOKEN: set, with the next deployment"));
  CHECK(app.live() == "v1 blue");
  const std::string listed = app.ok({"env", app.name()});
  CHECK_THAT(listed, ContainsSubstring("GREETING") && ContainsSubstring("/env") && !ContainsSubstring("s3cret"));
  CHECK_THAT(app.ok({"env", app.name(), "--show"}), ContainsSubstring("s3cret"));
  const auto shown = json::parse(app.ok({"env", app.name(), "--json"}));
  CHECK(shown.at(0).at("name") == "GREETING");
  CHECK(shown.at(0).at("value").is_null());
  CHECK(files::permissions_of(app.host().home().app(app.name()).env()) == std::filesystem::perms(0600));
  CHECK(app.last_action("env set").at("text") == "GREETING, TOKEN");

  app.ok({"restart", app.name()});
  CHECK(app.live() == "v1 blue s3cret");
  const auto unset = json::parse(app.ok({"env", app.name(), "unset", "GREETING", "--json"}));
  CHECK(unset.at("changed") == true);
  CHECK(unset.at("deployments").as_array().size() == 1);
  CHECK(app.live() == "v1 blue");
  CHECK_THAT(app.ok({"env", app.name(), "unset", "GREETING"}), ContainsSubstring("nothing of"));
  check_error(app.run({"env", app.name(), "set", "1A=x"}), 2, "'1A' cannot be a variable");
  check_error(app.run({"env", app.name(), "set", "A", "B"}), 2, "only one value can come by standard input");
  check_error(app.run({"env", app.name(), "set"}), 2, "say what to set");
}

TEST_CASE("a change that what runs cannot live with is put back, and the old one serves on") {
  const LiveApp app;
  app.host().set_settings(app.name(), "health: {path: /fail, deadline: 400ms}\n");
  const Outcome failed = app.run({"env", app.name(), "set", "GREETING=hello"});
  CHECK(failed.exit_code == 1);
  CHECK_THAT(failed.output, ContainsSubstring("FAILED in ") && ContainsSubstring("GREETING: put back as it was"));
  CHECK(app.live() == "v1 blue");
  CHECK_THAT(app.ok({"env", app.name()}), ContainsSubstring("has no variables"));
  CHECK_THAT(app.ok({"status", app.name()}), ContainsSubstring("healthy")); // by the health check that it came with
  CHECK(app.run({"restart", app.name()}).exit_code == 1);
  app.host().set_settings(app.name(), "");
  app.ok({"restart", app.name()});
}

TEST_CASE("a restart that waits for a push starts anew what that brought") {
  const LiveApp app;
  app.host().set_settings(app.name(), "deploy: {before_switch: [[/program, --sleep, '2']]}\n");
  app.project().commit("v2");
  const Background push({.arguments = {"git", "push", app.host().repository(app.name(), Color::blue).string(), "main"},
                         .directory = app.project().path(),
                         .environment = app.host().environment()});
  wait_until([&] { return push.text().find("build") != std::string::npos; }, k_patience, "the push's build");
  const std::string told = app.ok({"restart", app.name(), "--color", "blue"});
  CHECK_THAT(told, ContainsSubstring("blue runs ") && ContainsSubstring("\"Say v2\" by now"));
  CHECK(app.live() == "v2 blue");
}

TEST_CASE("what is stopped stays so, says so, and is started again") {
  const LiveApp app("run: {processes: {worker: [/program, --port, '9']}}\n");
  const Outcome asked = app.run({"stop", app.name()});
  CHECK(asked.exit_code == 2);
  CHECK_THAT(asked.tail, ContainsSubstring("--yes"));
  CHECK(app.live() == "v1 blue");
  CHECK_THAT(app.ok({"stop", app.name(), "--yes"}), ContainsSubstring("stopped blue of"));
  CHECK_THAT(app.live(), ContainsSubstring("no container serves live now"));
  CHECK(app.host().docker({"inspect", "-f", "{{.State.Running}}", app.web() + ".worker"}) == "false");
  CHECK_THAT(app.ok({"stop", app.name(), "--yes"}), ContainsSubstring("nothing of"));
  CHECK_THAT(app.ok({"recover"}), ContainsSubstring("tealhook start " + app.name() + " --color blue"));
  CHECK_THAT(app.live(), ContainsSubstring("no container serves live now"));
  check_error(app.run({"exec", app.name(), "--", "/program"}), 2, "does not run; start it: tealhook start");

  CHECK_THAT(app.ok({"start", app.name()}), ContainsSubstring("started blue of"));
  CHECK(app.live() == "v1 blue");
  CHECK(app.host().docker({"inspect", "-f", "{{.State.Running}}", app.web() + ".worker"}) == "true");
  CHECK_THAT(app.ok({"start", app.name()}), ContainsSubstring("runs already"));
  const auto stopped = json::parse(app.ok({"stop", app.name(), "--yes", "--json"}));
  CHECK(stopped.at("stopped") == json::array{"blue"});
  CHECK(app.last_action("stop").at("text").as_string().starts_with("blue ("));
  app.push("v2"); // to green
  CHECK(app.live() == "v2 green");
}

TEST_CASE("without a router a color is stopped and started on its port") {
  const ServedApp app;
  app.host().tealhook_ok({"stop", app.name(), "--yes"});
  CHECK(app.answer().empty());
  app.host().tealhook_ok({"start", app.name(), "--color", "blue"});
  CHECK(app.answer() == "v1 blue");
  app.host().tealhook_ok({"restart", app.name()});
  CHECK(app.answer() == "v1 blue");
  check_error(app.host().tealhook({"start", app.name(), "--color", "green"}), 2, "nothing was deployed to green");
  check_error(app.host().tealhook({"route", app.name(), "add", "shop.example.com"}), 2, "there is no router");
}

TEST_CASE("what the program prints is shown, and followed from one container to the next") {
  const LiveApp app("run: {processes: {worker: [/program, --port, '9', --print, '1']}}\n");
  CHECK(app.ok({"logs", app.name(), "--program"}) == "program v1 starts");
  CHECK_THAT(app.ok({"logs", app.name(), "--program", "--process", "worker", "-n", "2"}),
             ContainsSubstring("line 000014") && ContainsSubstring("line 000015") && !ContainsSubstring("000013"));
  const auto as_json = json::parse(app.ok({"logs", app.name(), "--program", "--since", "1h", "--json"}));
  CHECK(as_json.at("lines") == json::array{"program v1 starts"});
  CHECK(as_json.at("color") == "blue");
  check_error(app.run({"logs", app.name(), "--program", "--process", "none"}), 2, "there is no '");
  check_error(app.run({"logs", app.name(), "--program", "--color", "green"}), 2, "nothing was deployed to it");
  check_error(app.run({"logs", app.name(), "--program", "--since", "soon"}), 2, "--since 'soon'");

  const Background follower(app.command({"logs", app.name(), "--program", "-f"}));
  wait_until([&] { return follower.text().find("program v1 starts") != std::string::npos; }, k_patience, "a line");
  app.ok({"restart", app.name()});
  wait_until([&] { return follower.text().find("another container is") != std::string::npos; }, k_patience,
             "the next container");
  wait_until([&] { return follower.text().rfind("program v1 starts") > follower.text().find("another container"); },
             k_patience, "its first line");
  follower.signal(SIGINT);
  CHECK_THAT(follower.finish(), ContainsSubstring("exit: 130"));
  const Outcome piped = app.by_shell(fmt::format("logs {} --program -f | head -1", app.name()));
  CHECK(piped.succeeded()); // though nothing more is printed
  CHECK(piped.tail == "program v1 starts\n");
}

TEST_CASE("a command is run once in what is live, beside it, with its words as they are and its exit code") {
  const LiveApp app("run: {env: {GREETING: hi}}\n");
  const Outcome failed = app.run({"run", app.name(), "--", "/program", "--exit", "7"});
  CHECK(failed.exit_code == 7);
  CHECK_THAT(failed.output, ContainsSubstring("program v1 starts") && ContainsSubstring("the cupboard is bare"));
  CHECK(app.run({"run", app.name(), "--", "/program", "--exit", "0"}).exit_code == 0);
  wait_until([&] { return app.containers() == app.web(); }, k_patience, "the removal of what ran once");
  CHECK_THAT(app.run({"run", app.name(), "--", "/none; echo x"}).tail, ContainsSubstring("/none; echo x"));
  CHECK(app.run({"run", app.name(), "--", "/none"}).exit_code != 0);
  wait_until([&] { return app.containers() == app.web(); }, k_patience, "the removal of what never ran");
  CHECK(app.last_action("run").at("text") == "'/none' in blue");
  CHECK(app.run({"exec", app.name(), "--", "/program", "--exit", "5"}).exit_code == 5);
  check_error(app.run({"exec", app.name(), "--process", "worker", "--", "/program"}), 2, "does not run");
  check_error(app.run({"run", app.name(), "--color", "green", "--", "/program"}), 2, "has no release on green");
  CHECK(app.live() == "v1 blue hi");
}

TEST_CASE("a command that is run once goes with whoever runs it") {
  const LiveApp app;
  const Background once(app.command({"run", app.name(), "--", "/program", "--port", "9"}));
  wait_until([&] { return once.text().find("program v1 starts") != std::string::npos; }, k_patience, "its first line");
  once.signal(SIGTERM);
  once.finish();
  wait_until([&] { return app.containers() == app.web(); }, k_patience, "its removal");
}

TEST_CASE("a command has a terminal where there is one") {
  const LiveApp app;
  const Outcome typed = run(
      {.arguments = {"script", "-qec",
                     fmt::format("{} run {} -- /program --exit 3", TestHost::tool().string(), app.name()), "/dev/null"},
       .environment = app.host().environment(),
       .deadline = std::chrono::minutes(1)});
  CHECK(typed.exit_code == 3);
  CHECK_THAT(typed.output, ContainsSubstring("program v1 starts\r\n")); // as terminals end lines
}

TEST_CASE("host names come and go with the router told at once, and one that another app has is refused") {
  const LiveApp app;
  const ChangedFile listen(app.host().home().settings(), "#listen: 8080", fmt::format("listen: {}", free_port()));
  const std::string other = app.host().create_app();
  const auto file = app.host().home().app(app.name()).settings();
  write_file(file, read_file(file) + "# a word of ours\n");
  CHECK_THAT(app.ok({"route", app.name(), "add", "shop.example.com"}), ContainsSubstring("leads to"));
  CHECK_THAT(app.ok({"route", app.name(), "add", "shop.example.com"}), ContainsSubstring("already"));
  app.ok({"route", app.name(), "add", "www.example.com"});
  CHECK_THAT(read_file(file), ContainsSubstring("# a word of ours"));
  const auto shown = json::parse(app.ok({"route", app.name(), "--json"}));
  CHECK(shown.at("hosts") == json::array{"shop.example.com", "www.example.com"});
  CHECK_THAT(app.ok({"router", "status", "--json"}), ContainsSubstring("shop.example.com"));
  check_error(app.run({"route", other, "add", "shop.example.com"}), 2, app.name());
  CHECK_THAT(read_file(app.host().home().app(other).settings()), !ContainsSubstring("shop.example.com"));
  check_error(app.run({"route", app.name(), "add", "no host"}), 2, "route.hosts");
  check_error(app.run({"route", app.name(), "add"}), 2, "HOST is required");
  app.ok({"route", app.name(), "remove", "shop.example.com"});
  CHECK_THAT(app.ok({"router", "status", "--json"}), !ContainsSubstring("shop.example.com"));
  app.ok({"route", other, "add", "shop.example.com"});
  CHECK_THAT(app.ok({"open", app.name()}), ContainsSubstring("http://"));
  CHECK(json::parse(app.ok({"open", app.name(), "--json"})).at("opened") == false);
}
