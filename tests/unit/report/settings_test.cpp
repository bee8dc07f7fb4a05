#include "core/error.hpp"
#include "report/settings.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

namespace {

namespace json = boost::json;

const SettingsText k_text{"app.yml", "container_port: 8080\n"
                                     "gate: true\n"
                                     "branches: [main, '2']\n"
                                     "run:\n  env: {A: one, B: '2'}\n  memory: 512MiB\n"
                                     "targets: {site: {kind: command, env: {TOKEN: verysecret}}}\n"
                                     "route:\n"};

} // namespace

TEST_CASE("a settings file is shown as what it says") {
  CHECK(settings_json(k_text) == json::parse(R"({"container_port": 8080, "gate": true, "branches": ["main", 2],
      "run": {"env": {"A": "one", "B": 2}, "memory": "512MiB"},
      "targets": {"site": {"kind": "command", "env": {"TOKEN": "verysecret"}}}, "route": null})"));
  CHECK(settings_json({"app.yml", ""}) == json::object());
  CHECK(settings_json({"app.yml", "a: 007"}).at("a") == "007");
  CHECK_THROWS_AS(settings_json({"app.yml", "{"}), Error);
}

TEST_CASE("what programs are told is not shown to all, wherever it stands") {
  const json::value shown = public_settings_json(k_text);
  CHECK(shown.at("run").at("env") == json::parse(R"({"A": "***", "B": "***"})"));
  CHECK(shown.at("targets").at("site").at("env").at("TOKEN") == k_hidden);
  CHECK(shown.at("run").at("memory") == "512MiB");
}
