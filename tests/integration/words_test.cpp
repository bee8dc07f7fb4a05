// What tealhook says: of what people did, of what failed, and of what strangers wrote.
#include "support/served_app.hpp"
#include "support/shell.hpp"

using namespace teal;

namespace {

namespace json = boost::json;

/// What was done to the app, newest first: "switch", or "deployment".
std::string history_in_short(const TestHost& host, const std::string& app) {
  std::string verbs;
  const json::value entries = parse_output(host.tealhook({"history", app, "--json"}));
  for (const json::value& entry : entries.as_array()) {
    verbs += (verbs.empty() ? "" : " ") + text(entry.at(entry.at("kind") == "action" ? "verb" : "kind"));
  }
  return verbs;
}

} // namespace

TEST_CASE("the history says who switched, rolled back, froze and changed settings, and what was live until when") {
  TestHost host("haproxy");
  const std::string app = host.create_app();
  const Project project(host);
  const auto push_live = [&](const std::string& version) {
    project.commit(version);
    REQUIRE_THAT(what_was_told(project.push(host.home().app(app).live_repository())), ContainsSubstring("\nlive in "));
  };
  push_live("v1");
  push_live("v2");
  host.tealhook_ok({"switch", app, "blue"});
  host.tealhook_ok({"rollback", app});
  host.tealhook_ok({"freeze", app, "-m", "stocktaking"});
  host.tealhook_ok({"unfreeze", app});
  CHECK(history_in_short(host, app) == "unfreeze freeze rollback switch deployment deployment create");
  const std::string shown = host.tealhook_ok({"history", app});
  CHECK_THAT(shown, ContainsSubstring("switch by ") && ContainsSubstring("live traffic from green to blue (") &&
                        ContainsSubstring("stocktaking") && ContainsSubstring("was live until "));
  const auto entries = parse_output(host.tealhook({"history", app, "--json"}));
  CHECK(entries.at(4).at("live_now") == true);
  CHECK(entries.at(5).at("live_now") == false);
  CHECK(entries.at(5).at("status") == "live");
  CHECK(entries.at(5).at("live_until").is_string());

  host.set_settings(app, "health: {timeout: 3s}\n");
  push_live("v3");
  const auto after = parse_output(host.tealhook({"history", app, "--json"}));
  CHECK(after.at(0).at("verb") == "settings");
  CHECK_THAT(text(after.at(0).at("text")), ContainsSubstring("health.timeout"));

  host.tealhook_ok({"app", "remove", app, "--yes"});
  host.tealhook_ok({"app", "create", app});
  CHECK_THAT(history_in_short(host, app), ContainsSubstring("create remove settings "));
}

TEST_CASE("what fails answers in JSON with its kind, and an empty color is wrong usage") {
  TestHost host("haproxy");
  const std::string app = host.create_app();
  const Outcome empty = host.tealhook({"switch", app, "green", "--json"});
  CHECK(empty.exit_code == 2);
  const auto error = parse_output(empty).at("error");
  CHECK(error.at("kind") == "usage");
  CHECK_THAT(text(error.at("message")), ContainsSubstring("nothing runs on green: push to it first"));
  CHECK_THAT(empty.tail, ContainsSubstring("error: nothing runs on green"));
  CHECK(parse_output(host.tealhook({"histry", "--json"})).at("error").at("kind") == "usage");
  CHECK(parse_output(host.tealhook({"app", "create", "A", "--json"})).at("error").at("kind") == "usage");
  CHECK(parse_output(host.tealhook({"rollback", app, "--json"})).at("error").at("kind") == "usage");
  CHECK(parse_output(host.tealhook({"logs", app, "--json"})).at("error").at("kind") == "usage");
  // Both numbers are understood: what stands in the way is the color.
  for (const char* color : {"blue", "green"}) {
    check_error(host.tealhook({"switch", app, color, "--to", "50", "--every", "5"}), 2, "nothing runs on");
  }
  check_error(host.tealhook({"switch", app, "blue", "--to", "50", "--every", "soon"}), 2, "--every 'soon'");
}

TEST_CASE("what a Dockerfile or a program says in escape sequences reaches no terminal, and an error has its trail") {
  const ServedApp app;
  const std::string escapes = "\x1b[2J\x1b]0;owned\x07";
  app.project().write("Dockerfile", "FROM scratch AS stage\nCOPY program /program\nRUN " + escapes + " /no-shell\n");
  const std::string told = app.push_in_vain("v2");
  CHECK(told.find("\x1b]0;") == std::string::npos);
  CHECK(told.find("\x1b[2J") == std::string::npos);
  CHECK_THAT(told, ContainsSubstring("error: ") &&
                       ContainsSubstring("\n  while building the image\n  while deploying '" + app.name() + "' at "));
  const auto newest = app.newest();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"logs", app.name()}, {"history", app.name()}, {"status", app.name()}}) {
    const Outcome outcome = app.host().tealhook(words);
    INFO(outcome.tail);
    CHECK(outcome.output.find('\x1b') == std::string::npos);
    CHECK(outcome.output.find('\x07') == std::string::npos);
  }

  app.project().set_arguments({"--exit", "3"});
  CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring("\n  while checking slot 'blue'\n  while deploying '"));
}
