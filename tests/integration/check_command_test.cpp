// tealhook check: what it finds well, and what wrong.
#include "process/atomic_file.hpp"
#include "support/served_app.hpp"
#include "support/shell.hpp"
#include "support/wait_until.hpp"

#include <csignal>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const json::value* find_subject(const json::value& checked, const std::string& subject) {
  for (const json::value& finding : checked.at("findings").as_array()) {
    if (text(finding.at("subject")) == subject) {
      return &finding;
    }
  }
  return nullptr;
}

} // namespace

TEST_CASE("check finds all well, or says what is wrong and what to do") {
  TestHost host;
  const std::string app = host.create_app();
  CHECK_THAT(host.tealhook_ok({"check", app}), !ContainsSubstring("health.path"));
  const Outcome good = host.tealhook({"check", app, "--settings"});
  INFO(good.tail);
  CHECK(good.exit_code == 0);
  CHECK(good.output.starts_with("ok "));
  CHECK(good.output.find("BAD") == std::string::npos);
  CHECK_THAT(good.output, ContainsSubstring("KEY") && ContainsSubstring("health.path") && ContainsSubstring("default"));
  const auto server = parse_output(host.tealhook({"check", "--json", "--settings"}));
  CHECK_FALSE(parse_output(host.tealhook({"check", "--json"})).as_object().contains("settings"));
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

TEST_CASE("a repository of one's own is remembered until its hook is removed and told when it is gone") {
  TestHost host;
  const std::string app = host.create_app();
  const TempFolder folder;
  const std::string own = (folder.path() / "own.git").string();
  run_or_throw({.arguments = {"git", "init", "-q", "--bare", own}, .environment = host.environment()});
  host.tealhook_ok({"hook", "install", own + "/", "--app", app, "--color", "green"});
  const auto shown = [&] { return parse_output(host.tealhook({"app", "show", app, "--json"})).at("repositories"); };
  REQUIRE(shown().as_array().size() == 1);
  CHECK(text(shown().at(0).at("repository")) == own);
  CHECK(shown().at(0).at("color") == "green");
  CHECK(shown().at(0).at("fault").is_null());
  CHECK_THAT(host.tealhook_ok({"app", "show", app}), ContainsSubstring("a push to '" + own + "' deploys green"));
  CHECK_THAT(host.tealhook_ok({"check", app}), ContainsSubstring("a push to '" + own + "' deploys it"));

  fs::rename(own, own + ".away");
  const Outcome gone = host.tealhook({"check", app});
  CHECK(gone.exit_code == 3);
  CHECK_THAT(gone.output, ContainsSubstring("'" + own + "' is gone") && ContainsSubstring("hook remove " + own));
  CHECK_THAT(text(shown().at(0).at("fault")), ContainsSubstring("is gone"));
  fs::rename(own + ".away", own);
  host.tealhook_ok({"hook", "remove", own});
  CHECK(shown() == json::array());

  host.tealhook_ok({"hook", "install", own, "--app", app, "--color", "blue"});
  fs::remove_all(own);
  CHECK_THAT(host.tealhook_ok({"hook", "remove", own}), ContainsSubstring("deploys nothing any more"));
  CHECK(shown() == json::array());
  host.tealhook_ok({"hook", "install", host.repository(app, Color::blue).string(), "--app", app, "--color", "blue"});
  CHECK(shown() == json::array()); // not of one's own
}

TEST_CASE("check tells a program that restarts from the first time on and how it ended") {
  const ServedApp app({"--one-life"});
  const std::string container = app.name() + "-blue";
  CHECK(app.host().tealhook({"check", app.name()}).exit_code == 0);
  const std::string pid = app.host().docker({"inspect", "-f", "{{.State.Pid}}", container});
  REQUIRE(::kill(std::stoi(pid), SIGKILL) == 0);
  wait_until(
      [&] {
        return app.host().docker({"inspect", "-f", "{{.RestartCount}}", container}) != "0";
      },
      std::chrono::seconds(30), "the first restart");
  const auto checked = parse_output(app.host().tealhook({"check", app.name(), "--json"}));
  const json::value* blue = find_subject(checked, app.name() + ": blue");
  REQUIRE(blue != nullptr);
  CHECK(blue->at("good") == false);
  CHECK_THAT(text(blue->at("text")), ContainsSubstring("restarted ") && ContainsSubstring(" since ") &&
                                         ContainsSubstring("last it exited with ") &&
                                         ContainsSubstring("docker logs " + container));
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
