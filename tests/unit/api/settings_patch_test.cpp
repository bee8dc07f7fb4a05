#include "api/settings_patch.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "report/settings.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

namespace {

namespace json = boost::json;

constexpr const char* k_text = "# ours\n"
                               "container_port: 8080   # inside\n"
                               "colors: {blue: {port: 50101}, green: {port: 50100}}\n"
                               "branches: [main, master]\n"
                               "run:\n"
                               "  # what it needs\n"
                               "  env: {A: one, B: two}\n"
                               "  memory: 512MiB\n";

std::string patched(const char* patch, const char* text = k_text) {
  return api::patched_settings({"app.yml", text}, json::parse(patch).as_object());
}

} // namespace

TEST_CASE("what a patch does not name stays as it is written") {
  const std::string text = patched(R"({"container_port": 3000, "run": {"env": {"B": null, "C": "a b"}}})");
  CHECK(text == "# ours\n"
                "container_port: 3000   # inside\n"
                "colors: {blue: {port: 50101}, green: {port: 50100}}\n"
                "branches: [main, master]\n"
                "run:\n"
                "  # what it needs\n"
                "  env: {A: one, C: \"a b\"}\n"
                "  memory: 512MiB\n");
  CHECK(patched("{}") == k_text);
}

TEST_CASE("lists are replaced whole and maps that are missing are made") {
  const std::string text = patched(R"({"branches": ["main", "release/1.0"], "health": {"path": "/up", "host": null},
                                       "rules": [{"branch": "wip/*", "deploy": "none"}], "run": {"memory": null}})");
  const AppSettings settings = parse_app_settings({"app.yml", text}, std::nullopt);
  CHECK(settings.branches == std::vector<std::string>{"main", "release/1.0"});
  CHECK(settings.health.path == "/up");
  CHECK(settings.rules.front().branch == "wip/*");
  CHECK(settings.run.memory == 0);
  CHECK(settings.run.env.size() == 2);
  CHECK_THAT(text, ContainsSubstring("# what it needs") && ContainsSubstring("# ours"));
}

TEST_CASE("what comes of a patch is what RFC 7396 says") {
  const auto after = [](const char* patch) { return settings_json({"app.yml", patched(patch)}); };
  CHECK(after(R"({"run": null})").as_object().contains("run") == false);
  CHECK(after(R"({"run": {"env": "text"}})").at("run").at("env") == "text");
  CHECK(after(R"({"branches": {"a": 1, "b": null}})").at("branches") == json::parse(R"({"a": 1})"));
  CHECK(after(R"({"new": {"a": {"b": true}}})").at("new") == json::parse(R"({"a": {"b": true}})"));
  CHECK(after(R"({"new": {}})").at("new") == json::object());
  CHECK(after(R"({"a.b": "x: {y}"})").at("a.b") == "x: {y}");
  CHECK(after(R"({"x": "line\nfeed \u0001 \"quoted\" é"})").at("x") == "line\nfeed \x01 \"quoted\" \xc3\xa9");
}
