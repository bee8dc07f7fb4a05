// tealhook check: what it finds well, and what wrong.
#include "process/atomic_file.hpp"
#include "support/shell.hpp"

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
