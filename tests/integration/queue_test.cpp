// Several pushes at once, to one app and to several, and what is kept of what was deployed.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <csignal>
#include <memory>

using namespace teal;

namespace {

std::vector<Deployment> history(const TestHost& host, const std::string& app) {
  Database database(host.home().store());
  return History(database).deployments(app, 100);
}

Status status_of(const TestHost& host, const std::string& app, std::size_t nth_newest) {
  const auto deployments = history(host, app);
  return nth_newest < deployments.size() ? deployments[nth_newest].status : Status::queued;
}

/// A push that this test does not wait for.
Command pushing(const TestHost& host, const Project& project, const std::string& app, Color color) {
  return {.arguments = {"git", "push", host.repository(app, color).string(), "main"},
          .directory = project.path(),
          .environment = host.environment()};
}

} // namespace

TEST_CASE("of pushes to a color that deploys, the running one is not cut off and only the newest other one runs") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(8); // both others come meanwhile
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the first deployment");
  project.build_slowly(1);
  project.commit("v2");
  const Background second(pushing(host, project, app, Color::blue));
  wait_until([&] { return history(host, app).size() == 2; }, k_patience, "the second deployment");
  project.commit("v3");
  const Background third(pushing(host, project, app, Color::blue));

  CHECK_THAT(first.finish(), ContainsSubstring("remote: ready in"));
  const std::string told = second.finish();
  CHECK_THAT(told, ContainsSubstring("deployment 2 waits until deployment 1"));
  CHECK_THAT(told, ContainsSubstring("superseded by deployment 3"));
  CHECK_THAT(third.finish(), ContainsSubstring("remote: ready in"));
  CHECK(host.answer(app, Color::blue) == "v3 blue");
  CHECK(status_of(host, app, 2) == Status::ready);
  CHECK(status_of(host, app, 1) == Status::superseded);
  CHECK(status_of(host, app, 0) == Status::ready);
}

TEST_CASE("what waits when its app is frozen does not run, and what runs goes on") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(2);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the first deployment");
  const Background second(pushing(host, project, app, Color::green));
  wait_until([&] { return history(host, app).size() == 2; }, k_patience, "the second deployment");
  CHECK_THAT(host.tealhook_ok({"freeze", app, "-m", "stocktaking"}), ContainsSubstring("1 deployment that waited"));

  const std::string told = second.finish();
  CHECK_THAT(told, ContainsSubstring(": stocktaking") && ContainsSubstring("is kept, but not deployed"));
  CHECK_THAT(first.finish(), ContainsSubstring("remote: ready in"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
  CHECK(status_of(host, app, 0) == Status::cancelled);
  host.tealhook_ok({"unfreeze", app});
  host.tealhook_ok({"deploy", app, "--color", "green"});
  CHECK(host.answer(app, Color::green) == "v1 green");
}

TEST_CASE("a deployment that waited runs with the server settings of when it begins") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(2);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the first deployment");
  const Background second(pushing(host, project, app, Color::green));
  wait_until([&] { return history(host, app).size() == 2; }, k_patience, "the second deployment");
  write_file(host.home().settings(),
             fmt::format("registry: {{address: {}}}\nlimits: {{min_free_disk: 900TiB}}\n", host.registry()));
  CHECK_THAT(first.finish(), ContainsSubstring("remote: ready in"));
  CHECK_THAT(second.finish(), ContainsSubstring("limits.min_free_disk is 900"));
}

TEST_CASE("a release that a rollback waits to run is kept by the deployment before it") {
  TestHost host;
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {keep_releases: 2}\n");
  const Project project(host);
  for (const char* version : {"v1", "v2"}) {
    project.commit(version);
    REQUIRE(project.push(app, Color::blue).succeeded());
  }
  project.build_slowly(2);
  project.commit("v3");
  const Background third(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the third deployment");
  host.tealhook_ok({"rollback", app, "1", "--detach"});
  CHECK_THAT(third.finish(), ContainsSubstring("remote: ready in"));
  CHECK_THAT(host.tealhook_ok({"logs", app, "-f"}), ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}

TEST_CASE("pushes to both colors at once are deployed one after the other") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  const Background blue(pushing(host, project, app, Color::blue));
  const Background green(pushing(host, project, app, Color::green));
  CHECK_THAT(blue.finish(), ContainsSubstring("remote: ready in"));
  CHECK_THAT(green.finish(), ContainsSubstring("remote: ready in"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
  CHECK(host.answer(app, Color::green) == "v1 green");
  const auto deployments = history(host, app);
  REQUIRE(deployments.size() == 2);
  CHECK(deployments[0].started.value() >= deployments[1].finished.value());
}

TEST_CASE("apps are deployed side by side, up to limits.builds") {
  TestHost host;
  write_file(host.home().settings(),
             fmt::format("registry: {{address: {}}}\nlimits: {{builds: 2}}\n", host.registry()));
  const Project project(host);
  project.build_slowly(12); // no shorter than a third push takes to come on a busy machine
  project.commit("v1");
  const std::vector<std::string> apps{host.create_app(), host.create_app(), host.create_app()};
  const auto running = [&] {
    return std::count_if(apps.begin(), apps.end(),
                         [&](const std::string& app) { return status_of(host, app, 0) == Status::running; });
  };
  const Background one(pushing(host, project, apps[0], Color::blue));
  const Background two(pushing(host, project, apps[1], Color::blue));
  wait_until([&] { return running() == 2; }, k_patience, "two deployments at once");
  const Background three(pushing(host, project, apps[2], Color::blue));
  const std::string told = three.finish();
  CHECK_THAT(told, ContainsSubstring("waiting for another app's build to end: limits.builds is 2"));
  CHECK_THAT(told, ContainsSubstring("remote: ready in"));
  CHECK_THAT(one.finish(), ContainsSubstring("remote: ready in"));
  CHECK_THAT(two.finish(), ContainsSubstring("remote: ready in"));
}

TEST_CASE("six pushes at once succeed where the kernel has no watch to give") {
  TestHost host;
  const Project project(host);
  project.commit("v1");
  const std::vector<std::string> apps{host.create_app(), host.create_app(), host.create_app()};
  std::vector<std::unique_ptr<Background>> pushes;
  for (const std::string& app : apps) {
    for (const Color color : k_colors) {
      Command push = pushing(host, project, app, color);
      // In a user namespace of its own, which has none, whatever others have.
      const std::vector<std::string> without_watches{
          "unshare", "--user", "--map-root-user",
          "sh",      "-c",     "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$@\"",
          "sh"};
      push.arguments.insert(push.arguments.begin(), without_watches.begin(), without_watches.end());
      pushes.push_back(std::make_unique<Background>(push));
    }
  }
  for (const auto& push : pushes) {
    CHECK_THAT(push->finish(), ContainsSubstring("remote: ready in"));
  }
  for (const std::string& app : apps) {
    CHECK(host.answer(app, Color::blue) == "v1 blue");
    CHECK(host.answer(app, Color::green) == "v1 green");
  }
}

TEST_CASE("releases beyond keep_releases go from engine and registry, never one that runs or that is all that worked") {
  TestHost host;
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {keep_releases: 2}\nhealth: {deadline: 300ms}\n");
  const Project project(host);
  std::vector<std::string> commits;
  const auto deploy = [&](const std::string& version, Color color) {
    commits.push_back(project.commit(version));
    const Outcome push = project.push(app, color);
    INFO(push.tail);
    // The push returns once the new container serves; the old one and old releases go after that.
    wait_until([&] { return host.tealhook({"logs", app, "-f"}).succeeded(); }, k_patience, "the log");
  };
  deploy("v1", Color::green);
  for (const char* version : {"v2", "v3", "v4", "v5"}) {
    deploy(version, Color::blue);
  }
  project.set_arguments({"--exit", "1"});
  for (const char* version : {"v6", "v7", "v8"}) {
    commits.push_back(project.commit(version));
    CHECK_THAT(project.push(app, Color::blue).tail, ContainsSubstring("FAILED"));
  }
  project.set_arguments({});
  deploy("v9", Color::blue);

  const std::string image = host.registry() + "/" + app;
  const auto is_kept = [&](std::size_t nth) {
    const auto tags = host.docker({"images", "--format", "{{.Tag}}", image});
    return tags.find(commits[nth]) != std::string::npos;
  };
  wait_until([&] { return !is_kept(5) && !is_kept(6) && !is_kept(7) && !is_kept(2); }, k_patience,
             "the old releases' end");
  CHECK(is_kept(0)); // runs on green
  CHECK(is_kept(8)); // runs on blue
  CHECK(host.answer(app, Color::green) == "v1 green");
  const auto registry_port = static_cast<std::uint16_t>(parse_integer(host.registry().substr(10)).value());
  const std::string tags = http_get(registry_port, fmt::format("/v2/{}/tags/list", app));
  CHECK_THAT(tags, ContainsSubstring(commits[0]));
  CHECK_THAT(tags, ContainsSubstring(commits[8]));
  CHECK_THAT(tags, !ContainsSubstring(commits[5]));
  CHECK_THAT(tags, !ContainsSubstring(commits[2]));
}

TEST_CASE("a push to a paused app is queued and told so, and the newest is deployed once the app is resumed") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.commit("v1");
  CHECK_THAT(host.tealhook_ok({"queue", "pause", app}), ContainsSubstring("'" + app + "' is paused"));
  const std::string words = "waits until: tealhook queue resume " + app;
  const std::string pushers_words =
      fmt::format("waits until: tealhook --home {} queue resume {}", host.home().root.string(), app);
  CHECK_THAT(project.push(app, Color::blue).tail,
             ContainsSubstring("is paused by ") && ContainsSubstring(pushers_words));
  project.commit("v2");
  CHECK_THAT(project.push(app, Color::blue).tail, ContainsSubstring("deployment 2 " + pushers_words));
  const Outcome by_hand = host.tealhook({"deploy", app, "--color", "green"});
  CHECK(by_hand.exit_code == 4);
  CHECK_THAT(by_hand.tail, ContainsSubstring("deployment 3 " + words));
  const Outcome follow = host.tealhook({"logs", "3", "-f"});
  CHECK(follow.exit_code == 4);
  CHECK_THAT(follow.tail, ContainsSubstring(words));
  CHECK_THAT(host.tealhook_ok({"queue"}), ContainsSubstring("  paused  ") && ContainsSubstring("to go on: tealhook"));
  CHECK_THAT(host.tealhook_ok({"status"}), ContainsSubstring(app + ": paused by "));
  CHECK_THAT(host.tealhook_ok({"queue", "list", "--json"}), ContainsSubstring("\"paused\":{\"who\""));
  CHECK_THAT(host.tealhook_ok({"recover"}), !ContainsSubstring("a runner was started"));
  CHECK(host.answer(app, Color::blue).empty());

  CHECK_THAT(host.tealhook_ok({"queue", "resume", app}), ContainsSubstring("2 deployments waited"));
  wait_until([&] { return host.answer(app, Color::green) == "v2 green"; }, k_patience, "what waited last");
  CHECK(host.answer(app, Color::blue) == "v2 blue");
  CHECK(status_of(host, app, 2) == Status::superseded);
  const std::string audit = host.tealhook_ok({"audit", app});
  CHECK_THAT(audit, ContainsSubstring("  pause  ") && ContainsSubstring("  resume  "));
  CHECK_THAT(host.tealhook_ok({"history", app}), ContainsSubstring("pause by "));
}

TEST_CASE("what runs when its app is paused goes on, and who follows what waits behind it is not kept waiting") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  project.build_slowly(8);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the first deployment");
  const Background second(pushing(host, project, app, Color::green));
  wait_until([&] { return history(host, app).size() == 2; }, k_patience, "the second deployment");
  host.tealhook_ok({"queue", "pause", app});
  CHECK_THAT(second.finish(),
             ContainsSubstring(fmt::format("deployment 2 waits until: tealhook --home {} queue resume {}",
                                           host.home().root.string(), app)));
  CHECK_THAT(first.finish(), ContainsSubstring("remote: ready in"));
  host.await_rest(app);
  CHECK(status_of(host, app, 0) == Status::queued);
  host.tealhook_ok({"queue", "resume", app});
  CHECK_THAT(host.tealhook_ok({"logs", "2", "-f"}), ContainsSubstring("ready in"));
}

TEST_CASE("pushes to a quiet app wait for others and one deployment answers them all") {
  TestHost host;
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {quiet: 8s, quiet_longest: 1m}\n");
  const Project project(host);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return history(host, app).size() == 1; }, k_patience, "the first push");
  project.commit("v2");
  const Background second(pushing(host, project, app, Color::blue));
  const std::string told = first.finish();
  CHECK_THAT(told, ContainsSubstring("deployment 1 waits 8s for others (deploy.quiet)"));
  CHECK_THAT(told, ContainsSubstring("superseded by deployment 2"));
  CHECK_THAT(host.tealhook_ok({"queue"}), ContainsSubstring("  waits "));
  CHECK_THAT(second.finish(), ContainsSubstring("remote: ready in"));
  CHECK(host.answer(app, Color::blue) == "v2 blue");
  CHECK(status_of(host, app, 1) == Status::superseded);
  CHECK_FALSE(history(host, app)[1].started);
  const Deployment quiet = history(host, app)[0];
  CHECK(quiet.started.value() >= quiet.due.value());
  CHECK_THAT(host.tealhook_ok({"deploy", app}), !ContainsSubstring("for others"));

  project.commit("v3");
  const Background third(pushing(host, project, app, Color::blue));
  wait_until([&] { return history(host, app).size() == 4; }, k_patience, "the third push");
  host.tealhook_ok({"queue", "cancel", "4"});
  CHECK_THAT(third.finish(), ContainsSubstring("cancelled by"));
  host.await_rest(app); // nobody waits on
}

TEST_CASE("what failed as the registry was away is tried again by itself, though its runner was killed meanwhile") {
  TestHost host;
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {retries: 3}\n");
  const Project project(host);
  project.commit("v1");
  host.tealhook_ok({"registry", "down"});
  const std::string told = project.push(app, Color::blue).tail;
  CHECK_THAT(told, ContainsSubstring("FAILED") && ContainsSubstring("deployment 2 tries it again in 10s (retry 1)"));
  CHECK_THAT(host.tealhook_ok({"queue"}), ContainsSubstring("  retry 1 in "));
  CHECK_THAT(host.tealhook({"logs", "1"}).tail, ContainsSubstring("deployment 2 tries it again"));
  const auto runner = find_process({"--home", host.home().root.string(), "runner", app});
  REQUIRE(runner);
  ::kill(runner->pid, SIGKILL);
  wait_until([&] { return !is_alive(*runner); }, k_patience, "the runner's end");
  host.tealhook_ok({"registry", "up"});
  CHECK_THAT(host.tealhook_ok({"recover"}), ContainsSubstring("a runner was started for what waits"));
  CHECK_THAT(host.tealhook_ok({"logs", "2", "-f"}), ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
  CHECK(status_of(host, app, 1) == Status::failed); // what was told stays true
  project.set_arguments({"--exit", "1"});
  project.commit("v2");
  CHECK_THAT(project.push(app, Color::blue).tail, ContainsSubstring("FAILED") && !ContainsSubstring("tries it again"));
  host.await_rest(app);
  CHECK(history(host, app).size() == 3);
}

TEST_CASE("a deployment by hand is not tried again, and a newer push takes the place of a retry that waits") {
  TestHost host;
  const std::string app = host.create_app();
  host.set_settings(app, "deploy: {retries: 3}\n");
  const Project project(host);
  project.commit("v1");
  host.tealhook_ok({"registry", "down"});
  CHECK_THAT(project.push(app, Color::blue).tail, ContainsSubstring("tries it again in 10s"));
  const Outcome by_hand = host.tealhook({"deploy", app, "--color", "blue"}); // supersedes the retry
  CHECK(by_hand.exit_code == 1);
  CHECK_THAT(by_hand.tail, !ContainsSubstring("tries it again"));
  CHECK(status_of(host, app, 1) == Status::superseded);
  CHECK_THAT(host.tealhook_ok({"queue"}), ContainsSubstring("nothing waits"));
  host.await_rest(app);
  host.tealhook_ok({"registry", "up"});
  CHECK_THAT(host.tealhook_ok({"queue", "retry", "1"}), ContainsSubstring("ready in"));
  CHECK(host.answer(app, Color::blue) == "v1 blue");
}
