#include "core/text.hpp"
#include "support/catch.hpp"
#include "target/conventions.hpp"

using namespace teal;

namespace {

constexpr const char* k_ports = "colors: {blue: {port: 50101}, green: {port: 50100}}\n";

struct Followed {
  AppSettings settings;
  std::string notes;
};

Followed follow(const std::string& own, const std::string& procfile, const std::string& app_json = "",
                const std::string& pushed = "") {
  const SettingsText text{"app.yml", k_ports + own};
  const auto file = [](const char* name, const std::string& content) {
    return content.empty() ? std::nullopt : std::optional(SettingsText{name, content});
  };
  const CommitFiles files{file(".tealhook.yml", pushed), file("Procfile", procfile), file("app.json", app_json)};
  Followed followed{parse_app_settings(text, files.settings), ""};
  followed.notes = join(follow_conventions(followed.settings, text, files), "; ");
  return followed;
}

using Words = std::vector<std::string>;

constexpr const char* k_procfile = "web: bin/web\nworker: bin/work\nrelease: bin/migrate\n";

} // namespace

TEST_CASE("a Procfile gives what answers and what works and what runs first") {
  const Followed found = follow("", k_procfile);
  CHECK(found.settings.run.web == Words{"bin/web"});
  CHECK(found.settings.run.processes == std::map<std::string, Words>{{"worker", {"bin/work"}}});
  CHECK(found.settings.deploy.before_switch == std::vector<Words>{{"bin/migrate"}});
  CHECK(found.notes == "web is Procfile:1; worker is Procfile:2; Procfile:3 is run first");
}

TEST_CASE("what the settings say wins over the commit's other files") {
  const Followed found = follow("run: {args: [x], processes: {worker: [own]}}\ndeploy: {before_switch: [[own]]}\n"
                                "health: {path: /own}\n",
                                k_procfile, R"({"healthchecks": {"web": [{"path": "/theirs", "timeout": 9}]}})");
  CHECK(found.settings.run.web.empty());
  CHECK(found.settings.run.processes.at("worker") == Words{"own"});
  CHECK(found.settings.deploy.before_switch == std::vector<Words>{{"own"}});
  CHECK(found.settings.health.path == "/own");
  CHECK(found.settings.health.timeout == Milliseconds(2000));
  CHECK_THAT(found.notes, ContainsSubstring("not Procfile:1's") && ContainsSubstring("not app.json's"));
}

TEST_CASE("the check of app.json is taken and each of its times where the settings have none") {
  const char* app_json = R"({"healthchecks": {"web": [{"path": "/up", "attempts": 1, "timeout": 3, "wait": 0}]}})";
  const Followed found = follow("health: {deadline: 40s}\n", "", app_json);
  CHECK(found.settings.health.is_told);
  CHECK(found.settings.health.path == "/up");
  CHECK(found.settings.health.timeout == Milliseconds(3000));
  CHECK(found.settings.health.deadline == Milliseconds(40'000));
  CHECK(follow("", "", app_json, "health: {path: /pushed}\n").settings.health.path == "/pushed");
}

TEST_CASE("a formation decides whether a process runs and what it asks beyond that is said") {
  const Followed found =
      follow("", k_procfile, R"({"formation": {"web": {"quantity": 3}, "worker": {"quantity": 0}}})");
  CHECK(found.settings.run.processes.empty());
  CHECK_THAT(found.notes,
             ContainsSubstring("formation.web.quantity of app.json is 3: tealhook scale says how many are run") &&
                 ContainsSubstring("worker is not run"));
  CHECK_THAT(follow("", "worker: bin/work\n").notes, ContainsSubstring("Procfile has no web: the image's own command"));
}

TEST_CASE("a pushed app.json gets no more patience than the server has") {
  const ServerSettings::Limits limits;
  const auto require = [&](const std::string& check) {
    require_patience(CommitFiles{{}, {}, SettingsText{"app.json", R"({"healthchecks": {"web": [)" + check + "]}}"}},
                     limits);
  };
  CHECK_NOTHROW(require(R"({"path": "/", "timeout": 30})"));
  CHECK_THROWS_WITH(require(R"({"path": "/", "timeout": 31})"),
                    ContainsSubstring("app.json:1: ") && ContainsSubstring("at most 30s (limits.health_timeout)"));
  CHECK_THROWS_WITH(require(R"({"path": "/", "attempts": 100})"), ContainsSubstring("limits.health_deadline"));
  CHECK_THROWS_WITH(require(R"({"uptime": 61})"), ContainsSubstring("limits.health_settle"));
}
