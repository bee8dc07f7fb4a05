// A target of kind command: a tag that a rule sends there, what becomes of a command that misbehaves, and of a runner
// that is killed at any step of it.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// A host with one app, whose tags go to the target 'site'. No engine is asked.
class Site {
public:
  explicit Site(const std::string& run = "[bin/deploy.sh]", const std::string& more = "") {
    set(run, more);
    m_project.write("bin/deploy.sh",
                    "#!/bin/sh\necho \"deploying $(cat version)\"\ncp version \"$TEALHOOK_SHARED_DIR\"\n");
    fs::permissions(m_project.path() / "bin/deploy.sh", fs::perms(0755));
  }

  void set(const std::string& run, const std::string& more = "") const {
    m_host.set_settings(m_app, fmt::format("rules: [{{branch: main, deploy: blue}}, {{tag: 'v*', deploy: site}}]\n"
                                           "targets: {{site: {{kind: command, run: {}{}}}}}\n",
                                           run, more));
  }
  /// Pushes a tag of that name, of a commit that says it. Returns what the pusher saw.
  std::string push(const std::string& version) const {
    m_project.commit(version);
    m_project.git({"tag", version});
    return what_was_told(m_project.push(m_app, Color::blue, version));
  }
  [[nodiscard]] fs::path root() const { return m_host.home().app(m_app).target("site"); }
  [[nodiscard]] std::string current() const { return std::string(trim(read_file(root() / "current/version"))); }
  [[nodiscard]] std::string deployed() const { return std::string(trim(read_file(root() / "shared/version"))); }
  [[nodiscard]] Deployment latest() const {
    Database database(m_host.home().store());
    return History(database).latest(m_app).value();
  }
  /// Not before the push has come to be one.
  [[nodiscard]] bool is_at(StepName name) const {
    Database database(m_host.home().store());
    const auto deployment = History(database).latest(m_app);
    const std::vector<Step> steps = deployment ? deployment->steps : std::vector<Step>();
    return std::any_of(steps.begin(), steps.end(),
                       [&](const Step& step) { return step.name == name && step.status == StepStatus::running; });
  }
  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }

private:
  TestHost m_host;
  std::string m_app = m_host.create_app();
  Project m_project{m_host};
};

} // namespace

TEST_CASE("a tag that a rule sends to a command is deployed by it, and a rollback goes back by it") {
  const Site site;
  const std::string told = site.push("v1");
  CHECK_THAT(told, ContainsSubstring(site.app() + " -> site   deployment 1   v1 ") &&
                       ContainsSubstring("  | deploying v1\n") && ContainsSubstring("\nlive in "));
  CHECK(site.current() == "v1");
  site.push("v2");
  CHECK(site.deployed() == "v2");

  const auto& host = site.host();
  CHECK_THAT(host.tealhook_ok({"rollback", site.app(), "--target", "site"}), ContainsSubstring("'bin/deploy.sh'"));
  CHECK(site.current() == "v1");
  CHECK(site.deployed() == "v1");
  CHECK_THAT(host.tealhook_ok({"status", site.app()}), ContainsSubstring("site   ") && ContainsSubstring("live"));
  CHECK_THAT(host.tealhook_ok({"status", site.app(), "--json"}),
             ContainsSubstring("\"target\":\"site\",\"color\":null,\"state\":\"live\""));
  CHECK_THAT(host.tealhook_ok({"history", site.app()}), ContainsSubstring("was live until"));
  CHECK_THAT(host.tealhook_ok({"plan", site.app(), "--target", "site"}),
             ContainsSubstring("'bin/deploy.sh', within 10m"));
  CHECK_THAT(host.tealhook_ok({"deploy", site.app(), "--target", "site", "--rev", "v2"}), ContainsSubstring("live in"));
  CHECK(site.current() == "v2");
  CHECK(host.tealhook({"deploy", site.app(), "--color", "site"}).exit_code == 2);
  CHECK(host.tealhook({"deploy", site.app(), "--target", "nowhere"}).exit_code == 2);
  CHECK_THAT(host.tealhook({"check", site.app()}).tail,
             ContainsSubstring("site") && ContainsSubstring("'bin/deploy.sh' deploys it"));
}

TEST_CASE("a tag that was moved or deleted, and a branch, go where the settings say") {
  const Site site;
  site.push("v1");
  const Project& project = site.project();
  project.commit("v1 again");
  project.git({"tag", "-f", "v1"});
  CHECK_THAT(what_was_told(project.push(site.app(), Color::blue, "+v1")), ContainsSubstring("live in "));
  CHECK(site.current() == "v1 again");
  CHECK_THAT(what_was_told(project.push(site.app(), Color::blue, ":v1")),
             ContainsSubstring("'v1' was deleted; nothing is deployed, and site stays as it is"));
  CHECK(site.current() == "v1 again");
}

TEST_CASE("a command that fails, hangs or wants a terminal leaves the old release, and its words in the log") {
  const Site site;
  site.push("v1");
  const auto fails = [&](const std::string& version, const std::string& words) {
    const std::string told = site.push(version);
    CHECK_THAT(told,
               ContainsSubstring(words) && ContainsSubstring("FAILED in ") && ContainsSubstring("site still runs "));
    CHECK(site.current() == "v1");
  };
  site.set("'echo no such table >&2; exit 7'");
  fails("v2", "'echo no such table >&2; exit 7' exited with 7: no such table");
  site.set("'sleep 600'", ", deadline: 500ms");
  fails("v3", "'sleep 600' did not end within 500ms");
  site.set("'read answer < /dev/tty'");
  fails("v4", "/dev/tty");
  site.set("[no-such-program]");
  fails("v5", "there is no program 'no-such-program' in PATH");
}

TEST_CASE("a command that prints gigabytes, or goes on in the background, is deployed and fills no disk") {
  const Site site(
      "'yes | head -c 40M; head -c 100M /dev/zero | tr \"\\0\" x; sleep 600 & echo $! > ../../shared/left'");
  CHECK_THAT(site.push("v1"), ContainsSubstring("live in "));
  const auto log = site.host().home().app(site.app()).log(1);
  CHECK(fs::file_size(log) < (std::uintmax_t{64} << 20U));
  CHECK_THAT(read_file(log, std::size_t{64} << 20U), ContainsSubstring("the rest of the output is left out"));
  const pid_t left = std::stoi(read_file(site.root() / "shared/left"));
  CHECK(::kill(left, SIGKILL) == 0);
}

TEST_CASE("a runner killed at any step of a command's deployment is followed by one that brings it to its end") {
  const int port = free_port();
  const Site site("'cd $TEALHOOK_SHARED_DIR && echo began >> runs && until test -e go; do sleep 0.1; done'",
                  fmt::format(", health: {{url: 'http://127.0.0.1:{}/', deadline: 60s}}", port));
  const auto& host = site.host();
  const fs::path shared = site.root() / "shared";
  const auto kill_at = [&](StepName step) {
    wait_until([&] { return site.is_at(step); }, k_patience, "the step");
    if (step == StepName::start) {
      wait_until([&] { return fs::exists(shared / "runs"); }, k_patience, "the command");
    }
    const auto runner = find_process({"--home", host.home().root.string(), "runner", site.app()});
    REQUIRE(runner);
    ::kill(runner->pid, SIGKILL);
  };
  site.project().commit("v1");
  site.project().git({"tag", "v1"});
  Background push({.arguments = {"git", "push", host.repository(site.app(), Color::blue).string(), "v1"},
                   .directory = site.project().path(),
                   .environment = host.environment()});
  kill_at(StepName::start);
  wait_until([&] { return site.latest().attempts == 2; }, k_patience, "the next runner");
  write_file(shared / "go", "");
  kill_at(StepName::check);
  const std::string told = push.finish();
  INFO(told);
  CHECK_THAT(told,
             ContainsSubstring("the runner was killed; what it had begun is undone, and the deployment starts again"));
  CHECK_THAT(told, ContainsSubstring("FAILED   its runner was killed 2 times; nothing runs on site"));
  CHECK(site.latest().status == Status::failed);
  CHECK_FALSE(fs::is_symlink(site.root() / "current"));
  CHECK_FALSE(fs::exists(site.root() / "running"));
}
