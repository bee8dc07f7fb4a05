// A target of kind git: a Heroku-like remote that builds what it gets and may refuse it, and another tealhook, by ssh.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/user.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/ssh_server.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <csignal>

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// An app whose tags go to a bare repository that builds what it gets, as Heroku does, and refuses what has no
/// Procfile.
class Heroku {
public:
  Heroku() {
    m_project.git({"init", "-q", "--bare", url()});
    write_file(fs::path(url()) / "hooks/pre-receive",
               "#!/bin/sh\nread old new ref\n"
               "echo '-----> Building on the Heroku-24 stack'\n"
               "test ! -e slow || { touch building; sleep 600; }\n"
               "git cat-file -e $new:Procfile || { echo ' !     No Procfile'; exit 1; }\n"
               "echo '-----> Launching...'\n",
               0755);
    m_host.set_settings(m_app, fmt::format("rules: [{{tag: 'release-*', deploy: heroku}}]\n"
                                           "targets: {{heroku: {{kind: git, url: {}, branch: main}}}}\n",
                                           url()));
    m_project.write("Procfile", "web: ./program\n");
  }

  std::string push(const std::string& tag) const {
    m_project.commit(tag);
    m_project.git({"tag", tag});
    return what_was_told(m_project.push(m_app, Color::blue, tag));
  }
  [[nodiscard]] std::string url() const { return (m_folder.path() / "heroku.git").string(); }
  [[nodiscard]] std::string version() const {
    return m_project.git({"--git-dir=" + url(), "show", "refs/heads/main:version"});
  }
  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }

private:
  TempFolder m_folder;
  TestHost m_host;
  std::string m_app = m_host.create_app();
  Project m_project{m_host};
};

} // namespace

TEST_CASE("a tag that a rule sends to a remote is built there, refused with its words, and rolled back") {
  const Heroku heroku;
  const std::string told = heroku.push("release-1");
  CHECK_THAT(told, ContainsSubstring("remote: -----> Building on the Heroku-24 stack\n") &&
                       ContainsSubstring("\nlive in ") && ContainsSubstring("main of " + heroku.url()));
  heroku.push("release-2");
  CHECK(heroku.version() == "release-2");

  fs::remove(heroku.project().path() / "Procfile");
  const std::string refused = heroku.push("release-3");
  CHECK_THAT(refused, ContainsSubstring("No Procfile") &&
                          ContainsSubstring("did not take it: [remote rejected] (pre-receive hook declined)") &&
                          ContainsSubstring("FAILED in ") && ContainsSubstring("heroku still runs "));
  CHECK(heroku.version() == "release-2");

  heroku.host().tealhook_ok({"rollback", heroku.app(), "--target", "heroku"});
  CHECK(heroku.version() == "release-1");
  CHECK_THAT(heroku.host().tealhook({"check", heroku.app()}).tail, ContainsSubstring("we may push there"));

  heroku.project().write("Procfile", "web: ./program\n");
  CHECK_THAT(heroku.push("release-4"), ContainsSubstring("live in "));
  CHECK(heroku.version() == "release-4");
}

TEST_CASE("a remote that has what is not ours keeps it unless the settings give it up") {
  const Heroku heroku;
  heroku.push("release-1");
  const Project stranger(heroku.host());
  stranger.write("Procfile", "web: another\n");
  stranger.commit("another's");
  stranger.git({"push", "-q", "-f", heroku.url(), "main"});
  const std::string told = heroku.push("release-2");
  CHECK_THAT(told, ContainsSubstring("does not come after that; with 'force: true' it would be given up") &&
                       ContainsSubstring("heroku runs '") && ContainsSubstring("which is no release of ours"));
  CHECK(heroku.version() == "another's");
}

TEST_CASE("a runner that is killed while a remote builds is followed by one that pushes again") {
  const Heroku heroku;
  const auto& host = heroku.host();
  write_file(fs::path(heroku.url()) / "slow", "");
  heroku.project().commit("v1");
  heroku.project().git({"tag", "release-1"});
  Background push({.arguments = {"git", "push", host.repository(heroku.app(), Color::blue).string(), "release-1"},
                   .directory = heroku.project().path(),
                   .environment = host.environment()});
  wait_until([&] { return fs::exists(fs::path(heroku.url()) / "building"); }, k_patience, "the remote's build");
  fs::remove(fs::path(heroku.url()) / "slow");
  const auto runner = find_process({"--home", host.home().root.string(), "runner", heroku.app()});
  REQUIRE(runner);
  ::kill(runner->pid, SIGKILL);
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("the runner was killed") && ContainsSubstring("live in "));
  CHECK(heroku.version() == "v1");
}

TEST_CASE("another tealhook is a remote, by ssh with a key and the hosts that are known") {
  const ServedApp there; // its blue serves
  const TempFolder keys;
  const SshServer server(there.host().environment(),
                         fmt::format("AuthorizedKeysFile {}/deploy.pub\nStrictModes no", keys.path().string()));
  write_file(keys.path() / "deploy.pub", server.make_key("deploy"));

  const TestHost host;
  const std::string app = host.create_app();
  const std::string url = fmt::format("ssh://{}@127.0.0.1:{}{}", user_name(), server.port(),
                                      there.host().repository(there.name(), Color::blue).string());
  const auto set = [&](const std::string& known_hosts) {
    host.set_settings(
        app, fmt::format("targets: {{there: {{kind: git, url: '{}', key: {}, known_hosts: {}, force: true}}}}\n", url,
                         server.file("deploy").string(), known_hosts));
  };
  set(server.file("known_hosts").string());
  const Project project(host);
  project.commit("v7");
  REQUIRE(project.push(app, Color::green).succeeded()); // the commit is in the home
  const std::string told = host.tealhook_ok({"deploy", app, "--target", "there", "--rev", "main"});
  INFO(told << server.log());
  CHECK_THAT(told, ContainsSubstring("remote: ready in ") && ContainsSubstring("\nlive in "));
  CHECK(there.answer() == "v7 blue");

  write_file(keys.path() / "none", "");
  set((keys.path() / "none").string());
  project.commit("v8");
  REQUIRE(project.push(app, Color::green).succeeded());
  const Outcome stranger = host.tealhook({"deploy", app, "--target", "there", "--rev", "main"});
  CHECK(stranger.exit_code == 1);
  CHECK_THAT(stranger.tail, ContainsSubstring("Host key verification failed"));
  CHECK(there.answer() == "v7 blue");
}
