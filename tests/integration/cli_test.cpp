// The command line: what every command answers, on good days and bad ones.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <set>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// A home without registry and apps, for what needs neither.
class Shell {
public:
  explicit Shell(bool with_home = true) : m_environment(clean_environment()) {
    m_environment["TEALHOOK_HOME"] = home().string();
    if (with_home) {
      REQUIRE(tealhook({"setup", "--registry", fmt::format("localhost:{}", free_port())}).succeeded());
    }
  }
  [[nodiscard]] fs::path folder() const { return m_folder.path(); }
  [[nodiscard]] fs::path home() const { return m_folder.path() / "home"; }
  Environment& environment() { return m_environment; }
  [[nodiscard]] Outcome tealhook(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TestHost::tool().string());
    return run({.arguments = std::move(arguments), .environment = m_environment});
  }
  /// The same on a terminal of its own, with `input` typed there.
  [[nodiscard]] Outcome on_terminal(const std::string& arguments, const std::string& input = {}) const {
    Command command{.arguments = {"script", "-qec", TestHost::tool().string() + " " + arguments, "/dev/null"},
                    .environment = m_environment,
                    .input = input};
    command.environment["TERM"] = "xterm";
    return run(command);
  }

private:
  TempFolder m_folder;
  Environment m_environment;
};

/// The answer in JSON, which must be all that standard output has.
json::value parse_output(const Outcome& outcome) {
  INFO(outcome.tail);
  json::error_code fault;
  const json::value parsed = json::parse(outcome.output, fault);
  REQUIRE_FALSE(fault);
  return parsed;
}

void check_error(const Outcome& outcome, int exit_code, const std::string& words) {
  INFO(outcome.tail);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.output.empty());
  CHECK(outcome.tail.starts_with("error: "));
  CHECK_THAT(outcome.tail, ContainsSubstring(words));
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

std::string unique_name(const std::string& prefix) {
  return fmt::format("{}{}", prefix, ::getpid());
}

const json::value* find_subject(const json::value& checked, const std::string& subject) {
  for (const json::value& finding : checked.at("findings").as_array()) {
    if (text(finding.at("subject")) == subject) {
      return &finding;
    }
  }
  return nullptr;
}

} // namespace

TEST_CASE("wrong usage exits with 2, on standard error, and help and version with 0 on standard output") {
  const Shell shell;
  CHECK(shell.tealhook({"--version"}).output.starts_with("tealhook 0."));
  CHECK_THAT(shell.tealhook({"app", "create", "--help"}).output, ContainsSubstring("Examples:"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"app"}, {"stauts"}, {"app", "create"}, {"history", "--json"}, {"check", "--al"}}) {
    const Outcome outcome = shell.tealhook(words);
    INFO(outcome.tail);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
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
    check_error(shell.tealhook({command, "shop", "--json"}), 2, "no app 'shop'");
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

TEST_CASE("--home wins over the environment, and may stand behind the command") {
  const Shell shell;
  const auto other = shell.folder() / "other";
  CHECK_THAT(shell.tealhook({"setup", "--home", other.string() + "/"}).output, ContainsSubstring(other.string() + "'"));
  CHECK(fs::exists(other / "tealhook.yml"));
}

TEST_CASE("an app gets its own ports, repositories and the lines that add them as remotes") {
  const Shell shell;
  const std::string name = unique_name("made");
  const Outcome created = shell.tealhook({"app", "create", name});
  INFO(created.tail);
  const auto folder = shell.home() / "apps" / name;
  CHECK_THAT(created.output, ContainsSubstring("git remote add blue ") && ContainsSubstring("git remote add green "));
  CHECK_THAT(created.output,
             ContainsSubstring(folder.string() + "/blue.git") && ContainsSubstring("git push blue main"));

  const auto shown = parse_output(shell.tealhook({"app", "show", name, "--json"}));
  CHECK(text(shown.at("name")) == name);
  CHECK(text(shown.at("colors").at("blue").at("repository")) == (folder / "blue.git").string());
  CHECK(text(shown.at("colors").at("green").at("repository")) == (folder / "green.git").string());
  const auto blue = shown.at("colors").at("blue").at("port").to_number<int>();
  const auto green = shown.at("colors").at("green").at("port").to_number<int>();
  CHECK(blue != green);
  CHECK(shown.at("container_port") == 8080);

  const Outcome listed = shell.tealhook({"app", "list"});
  CHECK_THAT(listed.output, ContainsSubstring(fmt::format("{}  {}  {}", name, blue, green)));
  CHECK(text(parse_output(shell.tealhook({"app", "list", "--json"})).at(0).at("name")) == name);
  const Outcome settings = shell.tealhook({"app", "show", name});
  CHECK_THAT(settings.output, ContainsSubstring("container_port") && ContainsSubstring("app.yml:"));
  CHECK_THAT(settings.output, ContainsSubstring("health.path") && ContainsSubstring("default"));

  CHECK(parse_output(shell.tealhook({"history", name, "--json"})) == json::array());
  CHECK_THAT(shell.tealhook({"history", name}).output, ContainsSubstring("was never deployed"));
  check_error(shell.tealhook({"logs", name}), 2, "was never deployed");
  const auto status = parse_output(shell.tealhook({"status", name, "--json"}));
  CHECK(status.at(0).at("state") == "empty");
  CHECK(status.at(0).at("current").is_null());
}

TEST_CASE("named ports are taken, and those that somebody has are refused with by whom") {
  const Shell shell;
  const std::string one = unique_name("one");
  const std::string two = unique_name("two");
  const auto first = std::to_string(free_port());
  REQUIRE(shell.tealhook({"app", "create", one, "--blue-port", first, "--container-port", "3000"}).succeeded());
  const auto shown = parse_output(shell.tealhook({"app", "show", one, "--json"}));
  CHECK(shown.at("colors").at("blue").at("port").to_number<int>() == parse_integer(first));
  CHECK(shown.at("container_port") == 3000);

  check_error(shell.tealhook({"app", "create", one}), 2, fmt::format("app '{}' is there already", one));
  check_error(shell.tealhook({"app", "create", two, "--green-port", first}), 2,
              fmt::format("port {} is taken by app '{}'", first, one));
  const Listener listener;
  const auto taken = std::to_string(listener.port());
  check_error(shell.tealhook({"app", "create", two, "--green-port", taken}), 2,
              fmt::format("port {} is taken by pid {} (", taken, ::getpid()));
  const auto same = std::to_string(free_port());
  check_error(shell.tealhook({"app", "create", two, "--green-port", same, "--blue-port", same}), 2,
              fmt::format("port {} is taken by the other color", same));
  CHECK_FALSE(fs::exists(shell.home() / "apps" / two));
  CHECK(fs::is_empty(shell.home() / "cache"));
}

TEST_CASE("the port that blue is told to have is not chosen for green") {
  const Shell shell;
  REQUIRE(shell.tealhook({"app", "create", "first"}).succeeded());
  const auto first = parse_output(shell.tealhook({"app", "show", "first", "--json"}));
  const auto port = std::to_string(first.at("colors").at("green").at("port").to_number<int>());
  REQUIRE(shell.tealhook({"app", "remove", "first", "--yes"}).succeeded());
  const Outcome outcome = shell.tealhook({"app", "create", "second", "--blue-port", port});
  INFO(outcome.tail);
  CHECK(outcome.succeeded());
}

TEST_CASE("names that could not be a folder, a container and an image are refused") {
  const Shell shell;
  for (const std::string& name :
       {std::string("a/b"), std::string(".."), std::string("../up"), std::string("a b"), std::string("Shop"),
        std::string(200, 'a'), std::string(""), std::string("-a"), std::string("a--b"), std::string("sh\x1b[31mop")}) {
    INFO(printable(name));
    const Outcome outcome = shell.tealhook({"app", "create", "--", name});
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.tail, ContainsSubstring("cannot be an app's name: use 1 to 40 of a-z, 0-9 and single '-'"));
    CHECK(outcome.tail.find('\x1b') == std::string::npos);
  }
  CHECK(fs::is_empty(shell.home() / "apps"));
  const auto in_the_way = shell.home() / "apps/shop";
  fs::create_directory(in_the_way);
  check_error(shell.tealhook({"app", "create", "shop"}), 2, "is in the way");
  CHECK(shell.tealhook({"app", "create", std::string(40, 'a')}).succeeded());
}

TEST_CASE("an app may be called like a command") {
  const Shell shell;
  REQUIRE(shell.tealhook({"app", "create", "status"}).succeeded());
  CHECK(parse_output(shell.tealhook({"status", "status", "--json"})).as_array().size() == 2);
  CHECK(parse_output(shell.tealhook({"app", "show", "status", "--json"})).at("name") == "status");
  CHECK(shell.tealhook({"app", "remove", "status", "--yes"}).succeeded());
}

TEST_CASE("apps that are made at the same moment get different ports, and a name is given once") {
  const Shell shell;
  std::vector<std::future<Outcome>> made;
  for (const char* name : {"a", "b", "c", "same", "same"}) {
    made.push_back(std::async(std::launch::async, [&shell, name] { return shell.tealhook({"app", "create", name}); }));
  }
  int failed = 0;
  for (auto& one : made) {
    const Outcome outcome = one.get();
    INFO(outcome.tail);
    if (!outcome.succeeded()) {
      ++failed;
      check_error(outcome, 2, "app 'same' is there already");
    }
  }
  CHECK(failed == 1);
  std::set<int> ports;
  const auto listed = parse_output(shell.tealhook({"app", "list", "--json"}));
  for (const json::value& app : listed.as_array()) {
    for (const char* color : {"blue", "green"}) {
      ports.insert(app.at("colors").at(color).at("port").to_number<int>());
    }
  }
  CHECK(ports.size() == 8);
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
  const auto answer = parse_output(checked);
  const json::value* finding = find_subject(answer, "wrong: settings");
  REQUIRE(finding != nullptr);
  CHECK(finding->at("good") == false);
}

TEST_CASE("removing asks on a terminal, and says --yes where there is none") {
  const Shell shell;
  const std::string app = unique_name("asked");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  check_error(shell.tealhook({"app", "remove", app}), 2, "--yes");
  const Outcome no = shell.on_terminal("app remove " + app, "n\n");
  INFO(no.tail);
  CHECK_THAT(no.tail, ContainsSubstring(fmt::format("remove '{}' with its", app)) && ContainsSubstring("[y/N]"));
  CHECK_THAT(no.tail, ContainsSubstring("nothing was removed"));
  CHECK(fs::exists(shell.home() / "apps" / app));
  const Outcome yes = shell.on_terminal("app remove " + app, "y\n");
  INFO(yes.tail);
  CHECK_THAT(yes.tail, ContainsSubstring("removed app"));
  CHECK_FALSE(fs::exists(shell.home() / "apps" / app));
}

TEST_CASE("removing an app leaves the network of another home's app of that name alone") {
  const std::string app = unique_name("twice");
  const Shell one;
  const Shell other;
  for (const Shell* shell : {&one, &other}) {
    REQUIRE(shell->tealhook({"app", "create", app}).succeeded());
  }
  const auto docker = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "docker");
    return run_or_throw({.arguments = std::move(arguments), .environment = clean_environment()}).output;
  };
  const std::string network = "tealhook-" + app;
  docker({"network", "create", "--label", "tealhook.app=" + app, "--label", "tealhook.home=" + other.home().string(),
          network});
  CHECK(one.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK_FALSE(docker({"network", "ls", "-q", "--filter", "name=" + network}).empty());
  CHECK(other.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK(docker({"network", "ls", "-q", "--filter", "name=" + network}).empty());
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
  check_error(host.tealhook({"deploy", app}), 2, "push to it first"); // green, which has no commit

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
  CHECK(parse_output(host.tealhook({"registry", "status", "--json"})).at("images") == 0);
  const auto registry_port = static_cast<std::uint16_t>(*parse_integer(host.registry().substr(10)));
  CHECK(http_get(registry_port, fmt::format("/v2/{}/tags/list", app)).find("blue") == std::string::npos);
}

TEST_CASE("an app is not removed while a deployment of it runs") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host, {"--delay", "2"});
  project.commit("v1");
  auto pushed = std::async(std::launch::async, [&] { return project.push(app, Color::blue); });
  wait_until(
      [&] {
        const Outcome history = host.tealhook({"history", app, "--json"});
        return history.output.find("\"status\":\"running\"") != std::string::npos;
      },
      std::chrono::seconds(30), "the deployment");
  const Outcome refused = host.tealhook({"app", "remove", app, "--yes"});
  check_error(refused, 4, fmt::format("a deployment of '{}' runs", app));
  CHECK(pushed.get().succeeded());
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("check finds all well, or says what is wrong and what to do") {
  TestHost host;
  const std::string app = host.create_app();
  const Outcome good = host.tealhook({"check", app});
  INFO(good.tail);
  CHECK(good.exit_code == 0);
  CHECK(good.output.find("BAD") == std::string::npos);
  CHECK_THAT(good.output, ContainsSubstring("KEY") && ContainsSubstring("health.path") && ContainsSubstring("default"));
  const auto server = parse_output(host.tealhook({"check", "--json"}));
  for (const char* subject : {"engine", "command line", "registry", "disk"}) {
    INFO(subject);
    const json::value* finding = find_subject(server, subject);
    REQUIRE(finding != nullptr);
    CHECK(finding->at("good") == true);
  }
  const json::value& setting = server.at("settings").as_array().at(0);
  for (const char* field : {"key", "value", "origin"}) {
    CHECK(setting.at(field).is_string());
  }

  host.tealhook_ok({"registry", "down"});
  fs::remove(host.repository(app, Color::green) / "hooks/post-receive");
  const Outcome bad = host.tealhook({"check", "--json"});
  CHECK(bad.exit_code == 3);
  const auto answer = parse_output(bad);
  const auto text_of = [&](const std::string& subject) {
    const json::value* finding = find_subject(answer, subject);
    REQUIRE(finding != nullptr);
    CHECK(finding->at("good") == false);
    return text(finding->at("text"));
  };
  CHECK_THAT(text_of("registry"), ContainsSubstring("tealhook registry up"));
  CHECK_THAT(text_of(app + ": green.git"), ContainsSubstring("tealhook hook install"));
}

TEST_CASE("check says who has an app's port") {
  const Shell shell;
  const std::string app = unique_name("held");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  const Listener listener;
  const auto file = shell.home() / "apps" / app / "app.yml";
  write_file(file, fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\n", listener.port(), free_port()));
  const auto checked = parse_output(shell.tealhook({"check", app, "--json"}));
  const json::value* blue = find_subject(checked, app + ": blue");
  REQUIRE(blue != nullptr);
  CHECK(blue->at("good") == false);
  CHECK_THAT(text(blue->at("text")),
             ContainsSubstring(fmt::format("port {} is in use by pid {}", listener.port(), ::getpid())));
  CHECK(find_subject(checked, app + ": green")->at("good") == true);
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

TEST_CASE("the registry goes down and up with its images, and says how it is") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  REQUIRE(project.push(app, Color::blue).succeeded());
  const auto before = parse_output(host.tealhook({"registry", "status", "--json"}));
  CHECK(before.at("answers") == true);
  CHECK(text(before.at("address")) == host.registry());
  CHECK(before.at("repositories") == 1);
  CHECK(before.at("images").to_number<int>() >= 2);
  CHECK(before.at("disk_bytes").to_number<std::int64_t>() > 0);

  CHECK(parse_output(host.tealhook({"registry", "down", "--json"})).at("stopped") == true);
  CHECK(parse_output(host.tealhook({"registry", "down", "--json"})).at("stopped") == false);
  const Outcome down = host.tealhook({"registry", "status", "--json"});
  CHECK(down.exit_code == 3);
  CHECK(parse_output(down).at("kind") == "none");
  CHECK_THAT(host.tealhook({"registry", "status"}).output, ContainsSubstring("tealhook registry up"));

  const auto after = parse_output(host.tealhook({"registry", "up", "--json"}));
  CHECK(after.at("images") == before.at("images"));
  host.tealhook_ok({"registry", "up"});
}

TEST_CASE("a registry with a password makes its own, and tells it to nobody") {
  Shell shell(false);
  const auto user_home = shell.folder() / "user";
  fs::create_directory(user_home);
  shell.environment()["HOME"] = user_home.string();
  const std::string address = fmt::format("localhost:{}", free_port());
  REQUIRE(shell.tealhook({"setup", "--registry", address, "--registry-auth", "htpasswd"}).succeeded());
  const Outcome up = shell.tealhook({"registry", "up"});
  INFO(up.tail);
  REQUIRE(up.succeeded());
  const auto credentials = shell.home() / "registry/credentials";
  const std::string secret(trim(read_file(credentials)));
  const std::string password = secret.substr(secret.find(':') + 1);
  REQUIRE(password.size() >= 32);
  CHECK((fs::status(credentials).permissions() & fs::perms::all) == fs::perms(0600));
  CHECK((fs::status(user_home / ".docker/config.json").permissions() & fs::perms(0077)) == fs::perms::none);
  CHECK(http_get(static_cast<std::uint16_t>(*parse_integer(address.substr(10))), "/v2/_catalog").find("UNAUTHORIZED") !=
        std::string::npos);

  const std::string app = unique_name("secret");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  TestHost other; // for the project's sake
  const Project project(other);
  project.commit("v1");
  Command push{.arguments = {"git", "push", (shell.home() / "apps" / app / "blue.git").string(), "main"},
               .directory = project.path(),
               .environment = other.environment(),
               .deadline = std::chrono::minutes(2)};
  push.environment["HOME"] = user_home.string();
  const Outcome pushed = run(push);
  INFO(pushed.tail);
  CHECK_THAT(pushed.tail, ContainsSubstring("ready in "));
  CHECK((pushed.tail + up.tail).find(password) == std::string::npos);
  for (const auto& entry : fs::recursive_directory_iterator(shell.home())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && entry.path() != credentials &&
        (name.ends_with(".log") || name.starts_with("state"))) {
      INFO(entry.path().string());
      CHECK(read_file(entry.path()).find(password) == std::string::npos);
    }
  }
  CHECK(shell.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK(shell.tealhook({"registry", "down"}).succeeded());
}
