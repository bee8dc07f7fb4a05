// Several pushes at once, to one app and to several, and what is kept of what was deployed.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "store/history.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/test_host.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>

#include <memory>

using namespace teal;

namespace {

constexpr std::chrono::seconds k_patience(60);

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

/// A project whose build takes two seconds.
void build_slowly(const Project& project, int seconds = 2) {
  project.write("Dockerfile", fmt::format("FROM scratch\nCOPY program /program\nCOPY version /version\n"
                                          "RUN [\"/program\", \"--sleep\", \"{}\"]\nCMD [\"/program\"]\n",
                                          seconds));
}

} // namespace

TEST_CASE("of pushes to a color that deploys, the running one is not cut off and only the newest other one runs") {
  TestHost host;
  const std::string app = host.create_app();
  const Project project(host);
  build_slowly(project);
  project.commit("v1");
  const Background first(pushing(host, project, app, Color::blue));
  wait_until([&] { return status_of(host, app, 0) == Status::running; }, k_patience, "the first deployment");
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
  build_slowly(project);
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
  build_slowly(project);
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
  build_slowly(project);
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
  build_slowly(project, 12); // no shorter than a third push takes to come on a busy machine
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
