// tealhook app: apps made, shown and removed.
#include "config/load.hpp"
#include "process/atomic_file.hpp"
#include "support/outgoing_connection.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <future>
#include <set>

using namespace teal;

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string docker(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "docker");
  return run_or_throw({.arguments = std::move(arguments), .environment = clean_environment()}).output;
}

} // namespace

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
  CHECK(shown.at("container_port").is_null());

  const Outcome listed = shell.tealhook({"app", "list"});
  CHECK_THAT(listed.output, ContainsSubstring(fmt::format("{}  {}  {}", name, blue, green)));
  CHECK(text(parse_output(shell.tealhook({"app", "list", "--json"})).at(0).at("name")) == name);
  const Outcome settings = shell.tealhook({"app", "show", name});
  CHECK_THAT(settings.output, ContainsSubstring("container_port") && ContainsSubstring("app.yml:"));
  CHECK_THAT(settings.output, ContainsSubstring("health.path") && ContainsSubstring("default"));

  const auto history = parse_output(shell.tealhook({"history", name, "--json"}));
  REQUIRE(history.as_array().size() == 1);
  CHECK(history.at(0).at("verb") == "create");
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
              fmt::format("port {} is taken by the same app", same));
  CHECK_FALSE(fs::exists(shell.home() / "apps" / two));
  for (const auto& left : fs::directory_iterator(shell.home() / "cache")) { // of what was begun, nothing
    CHECK(left.path().filename() == "ports");
  }
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

TEST_CASE("a port that an outgoing connection has is not chosen, and refused where it is named") {
  const Shell shell;
  const Listener listener;
  const auto from = free_port();
  const OutgoingConnection connection(listener.port(), from);
  check_error(shell.tealhook({"app", "create", "first", "--blue-port", std::to_string(from)}), 2,
              fmt::format("port {} is taken by an outgoing connection", from));

  REQUIRE(shell.tealhook({"app", "create", "first"}).succeeded());
  const auto green_of = [&](const char* app) {
    const auto shown = parse_output(shell.tealhook({"app", "show", app, "--json"}));
    return shown.at("colors").at("green").at("port").to_number<std::uint16_t>();
  };
  const auto first = green_of("first");
  REQUIRE(shell.tealhook({"app", "remove", "first", "--yes"}).succeeded());
  const OutgoingConnection in_the_way(listener.port(), first);
  REQUIRE(shell.tealhook({"app", "create", "second"}).succeeded());
  CHECK(green_of("second") > first);
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
  const std::string network = "tealhook-" + app;
  docker({"network", "create", "--label", "tealhook.app=" + app, "--label", "tealhook.home=" + other.home().string(),
          network});
  CHECK(one.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK_FALSE(docker({"network", "ls", "-q", "--filter", "name=" + network}).empty());
  CHECK(other.tealhook({"app", "remove", app, "--yes"}).succeeded());
  CHECK(docker({"network", "ls", "-q", "--filter", "name=" + network}).empty());
}

TEST_CASE("of an app that is removed, an image that somebody's own container uses stays, and is named") {
  const Shell shell;
  const std::string app = unique_name("borrowed");
  REQUIRE(shell.tealhook({"app", "create", app}).succeeded());
  const std::string image = fmt::format("{}/{}:blue", load_server_settings(Home{shell.home()}).registry.address, app);
  run_or_throw({.arguments = {"sh", "-c", "tar -c -C / etc/hostname | docker import - " + image},
                .environment = clean_environment()});
  docker({"create", "--name", app + "-of-mine", image, "/none"});
  const Outcome removed = shell.tealhook({"app", "remove", app, "--yes"});
  INFO(removed.tail);
  CHECK(removed.succeeded());
  CHECK_THAT(removed.tail, ContainsSubstring(fmt::format("'{}' stays in the engine", image)));
  docker({"rm", app + "-of-mine"});
  docker({"rmi", image});
}
