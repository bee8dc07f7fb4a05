// The command line: what every command answers, on good days and bad ones.
#include "process/atomic_file.hpp"
#include "support/shell.hpp"

using namespace teal;

namespace fs = std::filesystem;
namespace json = boost::json;

TEST_CASE("wrong usage exits with 2, on standard error, and help and version with 0 on standard output") {
  const Shell shell;
  CHECK(shell.tealhook({"--version"}).output.starts_with("tealhook 0."));
  CHECK_THAT(shell.tealhook({"app", "create", "--help"}).output, ContainsSubstring("Examples:"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"app"}, {"stauts"}, {"app", "create"}, {"history", "--json"}, {"check", "--al"}}) {
    const Outcome outcome = shell.tealhook(words);
    INFO(outcome.tail);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty() == (words.empty() || words.back() != "--json"));
    CHECK_FALSE(outcome.tail.empty());
  }
}

TEST_CASE("an empty home is shown as such, in words and as JSON") {
  const Shell shell;
  for (const std::string command : {"status", "list"}) {
    std::vector<std::string> words{command};
    if (command == "list") {
      words.insert(words.begin(), "app");
    }
    CHECK_THAT(shell.tealhook(words).output,
               ContainsSubstring("there are no apps; make one with: tealhook app create NAME"));
    words.emplace_back("--json");
    CHECK(parse_output(shell.tealhook(words)) == json::array());
  }
  for (const std::string command : {"history", "logs", "status", "check", "deploy"}) {
    check_error(shell.tealhook({command, "shop"}), 2, "no app 'shop'");
    const Outcome outcome = shell.tealhook({command, "shop", "--json"});
    CHECK(outcome.exit_code == 2);
    const json::value error = parse_output(outcome).at("error");
    CHECK(error.at("kind") == "settings");
    CHECK_THAT(text(error.at("message")), ContainsSubstring("no app 'shop'"));
    CHECK(error.at("while") == json::array());
  }
  check_error(shell.tealhook({"logs", "42"}), 2, "there is no deployment 42");
}

TEST_CASE("a home is made once, and made again without harm") {
  const Shell shell(false);
  check_error(shell.tealhook({"status"}), 2, "tealhook setup");
  check_error(shell.tealhook({"setup", "--registry", "no registry"}), 2, "registry.address");
  check_error(shell.tealhook({"setup", "--registry-auth", "basic"}), 2, "basic not in");
  CHECK_FALSE(fs::exists(shell.home()));
  const auto made = parse_output(shell.tealhook({"setup", "--json", "--registry", "localhost:5999"}));
  CHECK(text(made.at("home")) == shell.home().string());
  CHECK(made.at("made") == true);
  const std::string settings = read_file(shell.home() / "tealhook.yml");
  const Outcome again = shell.tealhook({"setup"});
  CHECK_THAT(again.output, ContainsSubstring("its settings are as they were") && ContainsSubstring("next:"));
  CHECK(read_file(shell.home() / "tealhook.yml") == settings);
}

TEST_CASE("a home that is a file, or below one, is refused in words") {
  Shell shell(false);
  write_file(shell.home(), "in the way");
  check_error(shell.tealhook({"setup"}), 3, "cannot make the folder '" + shell.home().string() + "'");
  check_error(shell.tealhook({"--home", (shell.home() / "below").string(), "setup"}), 3, "not a directory");
  check_error(shell.tealhook({"status"}), 2, "is not there");
}

TEST_CASE("a home whose path other programs would misread is refused") {
  const Shell shell(false);
  for (const char* name : {"a b", "a;b", "a\nb", "a'b"}) {
    const auto home = shell.home().parent_path() / name;
    check_error(shell.tealhook({"--home", home.string(), "setup"}), 2, "cannot be a home");
    CHECK_FALSE(fs::exists(home));
  }
}

TEST_CASE("the option --home wins over the environment, and may stand behind the command") {
  const Shell shell;
  const auto other = shell.folder() / "other";
  CHECK_THAT(shell.tealhook({"setup", "--home", other.string() + "/"}).output, ContainsSubstring(other.string() + "'"));
  CHECK(fs::exists(other / "tealhook.yml"));
}

TEST_CASE("an app whose settings are broken is named, and hides no other") {
  const Shell shell;
  REQUIRE(shell.tealhook({"app", "create", "good"}).succeeded());
  REQUIRE(shell.tealhook({"app", "create", "wrong"}).succeeded());
  const auto file = shell.home() / "apps/wrong/app.yml";
  write_file(file, read_file(file) + "helth: {}\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"status"}, {"app", "list"}}) {
    const Outcome outcome = shell.tealhook(words);
    INFO(outcome.tail);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.output, ContainsSubstring("good"));
    CHECK_THAT(outcome.tail, ContainsSubstring("unknown key 'helth' (did you mean 'health'?)"));
  }
  const Outcome checked = shell.tealhook({"check", "wrong", "--json"});
  CHECK(checked.exit_code == 3);
  CHECK_THAT(checked.output, ContainsSubstring(R"({"good":false,"subject":"wrong: settings",)"));
}

TEST_CASE("a deployment is shown in every command, in color on a terminal only, and leaves nothing when its app goes") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  const std::string commit = project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());

  const auto status = parse_output(host.tealhook({"status", app, "--json"}));
  CHECK(status.at(0).at("color") == "blue");
  CHECK(status.at(0).at("state") == "running");
  CHECK(text(status.at(0).at("container")) == app + "-blue");
  CHECK(status.at(0).at("port").to_number<int>() == host.port(app, Color::blue));
  CHECK(text(status.at(0).at("current").at("commit")) == commit);
  CHECK(status.at(1).at("state") == "empty");
  CHECK_THAT(host.tealhook_ok({"status"}), ContainsSubstring("running") && ContainsSubstring(commit.substr(0, 7)));

  const auto history = parse_output(host.tealhook({"history", app, "--json"}));
  CHECK(history.at(0).at("status") == "ready");
  CHECK(history.at(0).at("steps").as_array().size() >= 6);
  const auto log = parse_output(host.tealhook({"logs", "1", "--json"}));
  CHECK_THAT(text(log.at("log")), ContainsSubstring("ready in "));
  const auto again = parse_output(host.tealhook({"deploy", app, "--color", "blue", "--json"}));
  CHECK(again.at("status") == "ready");
  CHECK(again.at("trigger") == "cli");
  CHECK_THAT(host.tealhook_ok({"deploy", app, "--color", "blue", "--detach"}), ContainsSubstring("tealhook logs 3 -f"));
  CHECK(host.tealhook({"logs", "3", "-f"}).exit_code == 0);
  CHECK(parse_output(host.tealhook({"deploy", app, "--json"})).at("color") == "blue"); // what was asked for last
  check_error(host.tealhook({"deploy", app, "--rev", "nowhere"}), 2, "has no commit 'nowhere'");
  check_error(host.tealhook({"deploy", app, "--color", "Red"}), 2, "give blue, green, idle or live");
  check_error(host.tealhook({"deploy", app, "--color", "live"}), 2, "there is no router");

  const auto on_terminal = [&](const std::string& no_color) {
    Command command{.arguments = {"script", "-qec", TestHost::tool().string() + " logs " + app, "/dev/null"},
                    .environment = host.environment()};
    command.environment["TERM"] = "xterm";
    command.environment["NO_COLOR"] = no_color;
    return run(command).tail;
  };
  CHECK_THAT(on_terminal(""), ContainsSubstring("\x1b[32mready in"));
  CHECK(on_terminal("1").find('\x1b') == std::string::npos);
  CHECK(host.tealhook_ok({"logs", app}).find('\x1b') == std::string::npos);

  const auto label = "label=tealhook.home=" + host.home().root.string();
  host.tealhook_ok({"app", "remove", app, "--yes"});
  CHECK(host.docker({"ps", "-aq", "--filter", label}).empty());
  CHECK(host.docker({"network", "ls", "-q", "--filter", label}).empty());
  CHECK(host.docker({"images", "-q", host.registry() + "/" + app}).empty());
  CHECK_FALSE(fs::exists(host.home().app(app).root));
  const auto registry = parse_output(host.tealhook({"registry", "status", "--json"}));
  CHECK(registry.at("images") == 0);
  CHECK(registry.at("repositories") == 0);
  const auto registry_port = static_cast<std::uint16_t>(*parse_integer(host.registry().substr(10)));
  CHECK(http_get(registry_port, fmt::format("/v2/{}/tags/list", app)).find("blue") == std::string::npos);
}

TEST_CASE("Ctrl-C ends the showing with 130, and not the deployment") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host, {"--delay", "1"});
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  const std::string script = R"("$0" deploy "$1" --color blue > "$2" 2>&1 & shown=$!
                                until grep -q 'goes on if you leave' "$2"; do :; done
                                kill -INT $shown; wait $shown; echo "ended with $?"; cat "$2")";
  const Outcome outcome =
      run({.arguments = {"sh", "-c", script, TestHost::tool().string(), app, project.path() / "out"},
           .environment = host.environment()});
  INFO(outcome.tail);
  CHECK_THAT(outcome.output, ContainsSubstring("ended with 130"));
  CHECK_THAT(outcome.output, ContainsSubstring("stopped showing; the deployment goes on"));
  const Outcome followed = host.tealhook({"logs", app, "-f"});
  INFO(followed.tail);
  CHECK(followed.exit_code == 0);
  CHECK_THAT(followed.output, ContainsSubstring("ready in "));
}

TEST_CASE("an engine that does not answer is said by every command that asks it") {
  Shell shell;
  const std::string app = unique_name("held");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  const auto file = shell.home() / "tealhook.yml";
  write_file(file, fmt::format("engine: {{host: unix://{}/no.sock}}\nregistry: {{address: localhost:{}}}\n",
                               shell.folder().string(), free_port()));
  const Outcome status = shell.tealhook({"status", "--json"});
  CHECK(status.exit_code == 3);
  CHECK(json::parse(status.output).at(0).at("state") == "unknown");
  CHECK_THAT(status.tail, ContainsSubstring("no.sock"));
  check_error(shell.tealhook({"app", "remove", app, "--yes"}), 3, "no.sock");
  CHECK(shell.tealhook({"check"}).exit_code == 3);
  CHECK(shell.tealhook({"app", "create", "another"}).succeeded()); // needs no engine
}
