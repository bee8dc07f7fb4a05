#include "config_fixture.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <regex>
#include <set>

using namespace teal;

namespace {

AppSettings new_app() {
  AppSettings app;
  app.ports = {{Color::blue, 50101}, {Color::green, 50100}};
  return app;
}

/// Every '#' taken off that a reader would take off: those in front of a key, not those in front of prose.
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)( *)#([a-z])"), "$1$2$3");
}

std::vector<std::string> values_of(const std::vector<SettingValue>& described) {
  std::vector<std::string> values;
  values.reserve(described.size());
  for (const SettingValue& value : described) {
    values.push_back(value.key + ": " + value.value);
  }
  return values;
}

std::vector<std::string> app_values(const std::string& text) {
  return values_of(describe_app_settings({"app.yml", text}, std::nullopt));
}

} // namespace

TEST_CASE("a new app's file sets its ports and shows the rest as comments") {
  const std::string text = app_settings_template(new_app());
  CHECK_THAT(text, ContainsSubstring("\n#container_port: 0 "));
  CHECK_THAT(text, ContainsSubstring("\n  blue:\n    port: 50101 "));
  CHECK_THAT(text, ContainsSubstring("\n  #interval: 100ms "));
  const auto values = describe_app_settings({"app.yml", text}, std::nullopt);
  CHECK(std::count_if(values.begin(), values.end(), [](const auto& value) { return value.origin != "default"; }) == 2);
}

TEST_CASE("a new app's file leaves out what few need, and tells it once it is asked for") {
  AppSettings app = new_app();
  for (const char* key : {"rules", "\ntarget:", "\n#target:", "targets", "moved_tags", "sources", "quiet"}) {
    INFO(key);
    CHECK_THAT(app_settings_template(app), !ContainsSubstring(key));
  }
  app.deploy.quiet = Milliseconds(5000);
  CHECK_THAT(app_settings_template(app), ContainsSubstring("\n  quiet: 5s "));
}

TEST_CASE("a new app's file reads the same with every comment taken off") {
  const std::string text = app_settings_template(new_app());
  const std::string all = uncommented(text);
  CHECK(app_values(all) == app_values(text));
  const auto values = describe_app_settings({"app.yml", all}, std::nullopt);
  const std::set<std::string> left_out{
      "deploy.quiet", "deploy.quiet_longest", "rules", "moved_tags", "target", "targets", "sources"};
  CHECK(std::all_of(values.begin(), values.end(),
                    [&](const auto& value) { return (value.origin == "default") == left_out.contains(value.key); }));
}

TEST_CASE("what was asked for is written and read back, awkward texts and all") {
  AppSettings app = new_app();
  app.container_port = 3000;
  app.branches = {"trunk"};
  app.health.path = "/up?x=#1";
  app.health.expect = {{{200, 200}, {300, 399}}};
  app.run.env = {{"TEXT", "a: \"b\"\n # c"}, {"EMPTY", ""}};
  app.run.memory = std::uint64_t{3} << 20U;
  app.run.cpus = 0.5;
  app.deploy.order = DeploySettings::Order::stop_first;
  const AppSettings read = parse_app_settings({"app.yml", app_settings_template(app)}, std::nullopt);
  CHECK(read.container_port == 3000);
  CHECK(read.branches == app.branches);
  CHECK(read.health.path == app.health.path);
  CHECK(read.health.expect == app.health.expect);
  CHECK(read.run.env == app.run.env);
  CHECK(read.run.memory == app.run.memory);
  CHECK(read.run.cpus == app.run.cpus);
  CHECK(read.deploy.order == app.deploy.order);
}

TEST_CASE("the server's file shows the defaults as comments, and what was asked for without") {
  const auto described = [](const std::string& text) {
    return values_of(describe_server_settings({"tealhook.yml", text}));
  };
  const std::string defaults = server_settings_template({});
  CHECK(described(defaults) == described(""));
  CHECK(described(uncommented(defaults)) == described(""));

  ServerSettings server;
  server.registry.address = "registry.example.com:5000";
  server.registry.auth = "htpasswd";
  const std::string text = server_settings_template(server);
  CHECK_THAT(text, ContainsSubstring("\n  address: registry.example.com:5000 "));
  CHECK(parse_server_settings({"tealhook.yml", text}).registry.auth == "htpasswd");
}

TEST_CASE("the files are narrow enough to read") {
  for (const std::string& line : split(app_settings_template(new_app()) + server_settings_template({}), '\n')) {
    INFO(line);
    CHECK(line.size() <= 120);
    CHECK(line == printable(line));
  }
}
