#include "deploy/rollback.hpp"
#include "deploy/runner.hpp"
#include "process/files.hpp"
#include "request/cancel_mark.hpp"
#include "support/scripted_home.hpp"
#include "support/wait_until.hpp"
#include "upkeep/preview.hpp"
#include "upkeep/retention.hpp"

#include <fstream>
#include <thread>

using namespace teal;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

const std::string k_deploy = "#!/bin/sh\necho deploying \"$(cat version)\"\ntest ! -e broken || exit 3\n"
                             "cp version ../../deployed\n";

/// A home with a real command target, 'site', and a real git remote, 'heroku'.
class DeliveryFixture : public ScriptedHome {
protected:
  DeliveryFixture() {
    set_site("");
    m_git.git({"init", "--quiet", "--bare", m_remote.string()});
    m_git.write("bin/deploy.sh", k_deploy);
    m_git.allow_execution("bin/deploy.sh");
    make("v1");
  }

  void set_site(const std::string& more, const std::string& run = "[bin/deploy.sh]") {
    write_file(m_home.app("shop").settings(),
               fmt::format("{}deploy: {{keep_releases: 2}}\ntargets:\n  site: {{kind: command, run: {}{}}}\n"
                           "  heroku: {{kind: git, url: {}}}\n",
                           k_scripted_settings, run, more, m_remote.string()));
  }
  void make(const std::string& version) {
    m_git.write("version", version);
    m_commit = m_git.commit("Say " + version);
  }
  void break_it() {
    m_git.write("broken", "");
    make("broken");
  }
  Deployment ask(const std::string& target = "site") { return enqueue(Destination::parse(target).value()); }
  void drain() { Runner(m_home, clean_environment(), m_store, kinds()).drain("shop"); }
  Deployment deploy(const std::string& target = "site") {
    const Deployment asked = ask(target);
    drain();
    return stored(asked.id);
  }
  /// A rollback as the command asks for it.
  Deployment roll_back(const std::string& target, const std::string& wanted = "") {
    Services services(m_home, clean_environment(), kinds());
    const Release release = find_rollback(services, m_store, {"shop", wanted, target});
    const Request request = std::get<ByDeployment>(plan_rollback(services, m_store, release)).request;
    const Deployment asked = m_store.queue.enqueue(request.event, request.destination, request.release).deployment;
    drain();
    return stored(asked.id);
  }
  [[nodiscard]] fs::path site() const { return m_home.app("shop").target("site"); }
  [[nodiscard]] std::string current_version() const { return read_file(site() / "current/version"); }
  [[nodiscard]] std::string deployed_version() const { return read_file(site() / "deployed"); }
  [[nodiscard]] std::string remote_head() const {
    return m_git.git({"--git-dir=" + m_remote.string(), "rev-parse", "refs/heads/main"});
  }
  void set_hook(const std::string& name, const std::string& script) const {
    git::write_text(m_remote / "hooks" / name, "#!/bin/sh\n" + script);
    fs::permissions(m_remote / "hooks" / name, fs::perms(0755));
  }

  fs::path m_remote = m_folder.path() / "heroku.git";
};

using Done = std::vector<std::string>; ///< steps with what became of them

} // namespace

TEST_CASE_METHOD(DeliveryFixture,
                 "a command deploys a commit out of a folder of its own, and then current leads there") {
  const Deployment first = deploy();
  CHECK(first.status == Status::live);
  CHECK_FALSE(first.color);
  CHECK(steps_of(first.id) == Done{"checkout done", "start done", "switch done"});
  CHECK(first.outcome == (site() / "current").string());
  CHECK(current_version() == "v1");
  CHECK(deployed_version() == "v1");
  CHECK_THAT(log_of(first.id), ContainsSubstring("shop -> site   deployment 1") &&
                                   ContainsSubstring("  | deploying v1\n") && ContainsSubstring("\nlive in "));
  make("v2");
  CHECK(deploy().status == Status::live);
  CHECK(current_version() == "v2");
  CHECK(m_world->calls().empty()); // nobody asked for a container
}

TEST_CASE_METHOD(DeliveryFixture, "a command that fails leaves the old release") {
  deploy();
  break_it();
  const Deployment failed = deploy();
  CHECK(failed.status == Status::failed);
  CHECK(failed.outcome == "'bin/deploy.sh' exited with 3: deploying broken");
  CHECK(steps_of(failed.id) == Done{"checkout done", "start failed"});
  CHECK(current_version() == "v1");
  CHECK(deployed_version() == "v1");
  CHECK_THAT(log_of(failed.id), ContainsSubstring("FAILED in ") && ContainsSubstring("site still runs ") &&
                                    ContainsSubstring("again: tealhook deploy shop --target site --rev "));
}

TEST_CASE_METHOD(DeliveryFixture, "a rollback of a command is its link and the same command") {
  const Deployment first = deploy();
  make("v2");
  deploy();
  const Deployment back = roll_back("site");
  CHECK(back.status == Status::live);
  CHECK(back.release == first.release);
  CHECK(steps_of(back.id) == Done{"start done", "switch done"});
  CHECK(current_version() == "v1");
  CHECK(deployed_version() == "v1");
  Services services(m_home, clean_environment(), kinds());
  const Release release = m_store.history.release(first.release).value();
  CHECK(std::holds_alternative<AlreadyThere>(plan_rollback(services, m_store, release)));
}

TEST_CASE_METHOD(DeliveryFixture, "a rollback whose command fails leaves what ran") {
  deploy();
  make("v2");
  deploy();
  set_site("", "'test \"$(cat version)\" = v2'");
  CHECK(roll_back("site").status == Status::failed);
  CHECK(current_version() == "v2");
}

TEST_CASE_METHOD(DeliveryFixture, "the same commit again is the same release in a fresh folder") {
  const Deployment first = deploy();
  write_file(site() / "current/litter", "of the program");
  const Deployment again = deploy();
  CHECK(again.release == first.release);
  CHECK_FALSE(fs::exists(site() / "current/litter"));
  CHECK(files::names_in(site() / "releases").size() == 1);
}

TEST_CASE_METHOD(DeliveryFixture, "what a program changes in its release is in no other") {
  deploy();
  std::ofstream(site() / "current/version", std::ios::in) << "v9"; // in place, as long as it was
  m_git.write("more", "");
  m_commit = m_git.commit("Say more");
  deploy();
  CHECK(current_version() == "v1");
}

TEST_CASE_METHOD(DeliveryFixture,
                 "where current moves first it goes back with what failed, and the command runs again") {
  set_site(", switch: before");
  const Deployment first = deploy();
  CHECK(steps_of(first.id) == Done{"checkout done", "switch done", "start done"});
  break_it();
  const Deployment failed = deploy();
  CHECK(failed.status == Status::failed);
  CHECK(steps_of(failed.id) == Done{"checkout done", "switch done", "start failed"});
  CHECK(current_version() == "v1");
  CHECK_THAT(log_of(failed.id), ContainsSubstring("'bin/deploy.sh' runs again in releases/1 (") &&
                                    ContainsSubstring("  | deploying v1\n"));
  CHECK_FALSE(fs::exists(site() / "previous"));
}

TEST_CASE_METHOD(DeliveryFixture, "a first deployment that fails leaves no current") {
  set_site(", switch: before");
  break_it();
  CHECK(deploy().status == Status::failed);
  CHECK_FALSE(fs::is_symlink(site() / "current"));
}

TEST_CASE_METHOD(DeliveryFixture, "what is deployed and not healthy is taken back by the old release's command") {
  deploy();
  make("v2");
  set_site(", health: {url: 'http://127.0.0.1:1/up', deadline: 50ms}");
  const Deployment failed = deploy();
  CHECK(failed.status == Status::failed);
  CHECK(steps_of(failed.id) == Done{"checkout done", "start done", "check failed"});
  CHECK_THAT(failed.outcome, ContainsSubstring("not healthy within 50ms: GET http://127.0.0.1:1/up: "));
  CHECK_THAT(log_of(failed.id), ContainsSubstring("warning: releases/1 runs again, and is not healthy: "));
  CHECK(current_version() == "v1");
  CHECK(deployed_version() == "v1");
}

TEST_CASE_METHOD(DeliveryFixture, "a command that is cancelled is ended and leaves the old release") {
  deploy();
  make("v2");
  set_site("", "'touch ../../began; exec sleep 600'");
  const Deployment asked = ask();
  std::jthread canceller([&] {
    wait_until([&] { return fs::exists(site() / "began"); }, 20s, "the command");
    CHECK(CancelMark(m_home.app("shop"), asked.id).ask("anna"));
  });
  drain();
  CHECK(stored(asked.id).status == Status::cancelled);
  CHECK_THAT(stored(asked.id).outcome, ContainsSubstring("cancelled by anna; site still runs "));
  CHECK(current_version() == "v1");
}

TEST_CASE_METHOD(DeliveryFixture, "old releases go with their folders, and what runs stays") {
  for (const char* version : {"v1", "v2", "v3", "v4"}) {
    make(version);
    deploy();
  }
  CHECK(files::names_in(site() / "releases").size() == 2);
  CHECK(m_store.history.releases_of("shop", "site").size() == 2);
  CHECK(current_version() == "v4");
  break_it();
  deploy();
  CHECK(m_store.history.releases_of("shop", "site").size() == 2);
  CHECK(files::names_in(site() / "releases").size() == 2);
}

TEST_CASE_METHOD(DeliveryFixture,
                 "a runner that was killed while a command ran is followed by one that runs it again") {
  deploy();
  make("v2");
  const Deployment killed = ask();
  REQUIRE(m_store.queue.begin(killed.id, std::nullopt));
  m_store.queue.begin_step(killed.id, StepName::start);
  drain();
  CHECK(stored(killed.id).status == Status::live);
  CHECK(stored(killed.id).attempts == 2);
  CHECK(current_version() == "v2");
}

TEST_CASE_METHOD(DeliveryFixture, "a runner that was killed once current had moved had deployed it") {
  deploy();
  make("v2");
  const Deployment killed = ask();
  REQUIRE(m_store.queue.begin(killed.id, std::nullopt));
  const auto release = m_store.queue.add_release(
      killed.id, {.app = "shop", .commit = m_commit, .target = "site", .identity = m_commit, .created = m_clock.now()});
  m_store.queue.begin_step(killed.id, StepName::start);
  m_store.queue.end_step(killed.id, StepName::start, StepStatus::done, Milliseconds(1), "");
  m_store.queue.begin_step(killed.id, StepName::switch_);
  fs::rename(site() / "releases/1", site() / "releases/2"); // as it had left it
  fs::remove(site() / "current");
  fs::create_symlink("releases/2", site() / "current");
  fs::remove(site() / "deployed");
  drain();
  CHECK(stored(killed.id).status == Status::live);
  CHECK(m_store.history.release(release).value().artifact == "2");
  CHECK_THAT(log_of(killed.id), ContainsSubstring("its runner was killed before it could say so"));
  CHECK_FALSE(fs::exists(site() / "deployed")); // it did not run again
}

TEST_CASE_METHOD(DeliveryFixture, "a runner that was killed after current had moved first is undone") {
  set_site(", switch: before");
  deploy();
  make("v2");
  const Deployment killed = ask();
  REQUIRE(m_store.queue.begin(killed.id, std::nullopt));
  m_store.queue.begin_again(killed.id); // it is not tried a third time
  fs::create_symlink("releases/1", site() / "previous");
  fs::remove(site() / "current");
  fs::create_symlink("releases/2", site() / "current");
  drain();
  CHECK(stored(killed.id).status == Status::failed);
  CHECK(current_version() == "v1");
  CHECK_FALSE(fs::is_symlink(site() / "previous"));
}

TEST_CASE_METHOD(DeliveryFixture, "a target that is gone from the settings fails what was to go there, in words") {
  const Deployment asked = ask();
  write_file(m_home.app("shop").settings(),
             std::string(k_scripted_settings) + "targets: {other: {kind: git, url: /x}}\n");
  drain();
  CHECK(stored(asked.id).status == Status::failed);
  CHECK(stored(asked.id).outcome == "'shop' has no target 'site'; it has other");
}

TEST_CASE_METHOD(DeliveryFixture,
                 "a newer event of the same target takes the place of one that waits, and of no color's") {
  const Deployment older = ask();
  const Deployment colored = enqueue(Color::blue);
  const Deployment newer = ask();
  CHECK(stored(older.id).status == Status::superseded);
  CHECK(stored(colored.id).status == Status::queued);
  drain();
  CHECK(stored(newer.id).status == Status::live);
  CHECK(stored(colored.id).status == Status::ready);
}

TEST_CASE_METHOD(DeliveryFixture, "a deployment to a target is none of a color's rollback, and the other way round") {
  const Deployment blue = serve(Color::blue);
  deploy();
  CHECK_THROWS_WITH(find_rollback(*m_services, m_store, {"shop", "", ""}), ContainsSubstring("no earlier release"));
  CHECK_THROWS_WITH(find_rollback(*m_services, m_store, {"shop", std::to_string(blue.release), "site"}),
                    ContainsSubstring("has no release"));
  const Release of_site = m_store.history.releases_of("shop", "site").at(0);
  CHECK(find_rollback(*m_services, m_store, {"shop", std::to_string(of_site.id), ""}).target == "site");
  CHECK_THROWS_WITH(find_rollback(*m_services, m_store, {"shop", "", "nowhere"}),
                    "'shop' has no target 'nowhere'; it has heroku, site");
}

TEST_CASE_METHOD(DeliveryFixture, "what a deployment to a target would do is told without doing it") {
  const Deployment asked = ask();
  Services services(m_home, clean_environment(), kinds());
  const Preview found = preview(services, m_store, {.event = asked.event, .destination = asked.destination});
  CHECK(place_of(found) == "site");
  CHECK(found.obstacles.empty());
  REQUIRE(found.target_steps.size() == 3);
  CHECK(found.target_steps[1].second == "'bin/deploy.sh', within 10m");
  CHECK_FALSE(fs::exists(site()));
}

TEST_CASE_METHOD(DeliveryFixture, "a commit is pushed to another remote, whose words are in the log") {
  set_hook("post-receive", "echo '-----> Building'");
  const Deployment first = deploy("heroku");
  CHECK(first.status == Status::live);
  CHECK(first.outcome == "main of " + m_remote.string());
  CHECK(steps_of(first.id) == Done{"publish done", "start done"});
  CHECK(remote_head() == m_commit);
  CHECK_THAT(log_of(first.id), ContainsSubstring("  | remote: -----> Building\n"));
}

TEST_CASE_METHOD(DeliveryFixture, "a remote that refuses fails the deployment with its reason") {
  const Deployment first = deploy("heroku");
  set_hook("pre-receive", "echo 'no Procfile' >&2; exit 1");
  make("v2");
  const Deployment failed = deploy("heroku");
  CHECK(failed.status == Status::failed);
  CHECK_THAT(failed.outcome, ContainsSubstring("did not take it: [remote rejected] (pre-receive hook declined)"));
  CHECK_THAT(log_of(failed.id), ContainsSubstring("remote: no Procfile\n") && ContainsSubstring("heroku still runs "));
  CHECK(remote_head() == first.event.new_commit);
}

TEST_CASE_METHOD(DeliveryFixture, "a rollback pushes the older commit, though its branch is gone") {
  const Deployment first = deploy("heroku");
  m_git.git({"commit", "--quiet", "--amend", "-m", "another"});
  m_git.git({"reflog", "expire", "--expire=now", "--all"});
  m_git.git({"gc", "--quiet", "--prune=now"});
  make("v2");
  CHECK(deploy("heroku").status == Status::failed); // it does not come after what is there
  set_site("");
  write_file(m_home.app("shop").settings(), fmt::format("{}targets: {{heroku: {{kind: git, url: {}, force: true}}}}\n",
                                                        k_scripted_settings, m_remote.string()));
  CHECK(deploy("heroku").status == Status::live);
  CHECK(remote_head() == m_commit);
  const Deployment back = roll_back("heroku");
  CHECK(back.status == Status::live);
  CHECK(back.release == first.release);
  CHECK(remote_head() == first.event.new_commit);
}

TEST_CASE_METHOD(DeliveryFixture, "a runner that was killed while it pushed asks the remote what became of it") {
  const Deployment killed = ask("heroku");
  REQUIRE(m_store.queue.begin(killed.id, std::nullopt));
  m_store.queue.add_release(killed.id, {.app = "shop",
                                        .commit = m_commit,
                                        .subject = "x",
                                        .target = "heroku",
                                        .identity = m_commit,
                                        .created = m_clock.now()});
  m_store.queue.begin_step(killed.id, StepName::start);
  m_git.git({"push", "--quiet", m_remote.string(), "main"});
  set_hook("pre-receive", "exit 1");
  drain();
  CHECK(stored(killed.id).status == Status::live);
  CHECK(stored(killed.id).attempts == 1);
}

TEST_CASE_METHOD(DeliveryFixture, "a remote that is away fails the deployment, and what is there cannot be told") {
  fs::rename(m_remote, m_folder.path() / "moved.git");
  const Deployment failed = deploy("heroku");
  CHECK(failed.status == Status::failed);
  CHECK_THAT(failed.outcome, ContainsSubstring("cannot read '" + m_remote.string() + "'"));
  CHECK_THAT(log_of(failed.id), ContainsSubstring("what runs on heroku cannot be told now"));
}

TEST_CASE_METHOD(DeliveryFixture, "a token that others may read is refused before anything is touched") {
  write_file(m_home.app("shop").root / "token", "secret", 0644);
  write_file(m_home.app("shop").settings(),
             fmt::format("{}targets: {{heroku: {{kind: git, url: {}, token_file: token}}}}\n", k_scripted_settings,
                         m_remote.string()));
  const Deployment failed = deploy("heroku");
  CHECK_THAT(failed.outcome, ContainsSubstring("is secret, and others may read it: chmod 600 "));
  CHECK(steps_of(failed.id).empty());
}
