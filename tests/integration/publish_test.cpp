// The registry gets an image while its container starts and is checked, and has it before anything is done to what
// serves: a registry behind a proxy that makes the push wait, fail and hang.
#include "core/text.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/fault_proxy.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>

#include <algorithm>
#include <future>

using namespace teal;
using Mode = Fault::Mode;

namespace {

using namespace std::chrono_literals;

/// The manifest of the commit, which is what a push sends last.
bool is_push(std::string_view line) {
  static const std::string k_digits = "0123456789abcdef";
  const auto tag = line.rfind('/') + 1;
  return line.starts_with("PUT ") && line.find("/manifests/") != std::string_view::npos && line.size() - tag == 40 &&
         line.find_first_not_of(k_digits, tag) == std::string_view::npos;
}

/// An app whose v1 serves on blue, live where there is a router; its registry is reached through a proxy.
class Scene {
public:
  explicit Scene(const std::string& router, std::string_view settings = "") : m_host(router), m_project(m_host) {
    m_host.tealhook_ok({"registry", "down"});
    const auto port = static_cast<std::uint16_t>(parse_integer(m_host.registry().substr(10)).value());
    const std::uint16_t behind = free_port();
    write_file(m_folder.path() / "config.yml",
               fmt::format("version: 0.1\nhttp: {{addr: '127.0.0.1:{}'}}\n"
                           "storage: {{filesystem: {{rootdirectory: '{}'}}, delete: {{enabled: true}}}}\n",
                           behind, (m_folder.path() / "data").string()));
    m_registry = start_detached({.arguments = {"docker-registry", "serve", (m_folder.path() / "config.yml").string()},
                                 .environment = m_host.environment()});
    m_proxy.emplace(std::pair<std::string, std::uint16_t>("127.0.0.1", port),
                    std::pair<std::string, std::uint16_t>("127.0.0.1", behind));
    wait_until([&] { return !http_get(port, "/v2/").empty(); }, 10s, "the registry to answer");
    set_settings(settings);
    m_project.commit("v1");
    const Outcome push = m_project.push(repository());
    INFO(push.tail);
    REQUIRE_THAT(push.tail, ContainsSubstring(is_routed() ? "remote: live in" : "remote: ready in"));
    m_host.await_rest(m_app);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() {
    release();
    end_registry();
  }

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] FaultProxy& proxy() { return *m_proxy; }
  void set_settings(std::string_view yaml) const { m_host.set_settings(m_app, yaml); }
  [[nodiscard]] std::string served() const {
    return is_routed() ? m_host.live_answer(m_app) : m_host.answer(m_app, Color::blue);
  }
  void end_registry() const { end_process(m_registry, 5s); }

  [[nodiscard]] std::filesystem::path repository() const {
    return is_routed() ? m_host.home().app(m_app).live_repository() : m_host.repository(m_app, Color::blue);
  }
  [[nodiscard]] Command pushing() const {
    return {.arguments = {"git", "push", repository().string(), "main"},
            .directory = m_project.path(),
            .environment = m_host.environment()};
  }

  /// From now on a push waits, its image's layers there, until release().
  void hold_push() {
    m_proxy->arm(1, {.mode = Mode::act_first, .action = [held = m_release.get_future().share()] { held.wait(); }},
                 is_push);
  }
  void release() {
    if (!m_is_released) {
      m_is_released = true;
      m_release.set_value();
    }
  }

  [[nodiscard]] Deployment newest() const {
    Database database(m_host.home().store());
    return History(database).deployments(m_app, 1).front();
  }
  [[nodiscard]] std::optional<StepStatus> status_of(StepName name) const {
    const Deployment deployment = newest();
    const auto found = std::find_if(deployment.steps.begin(), deployment.steps.end(),
                                    [&](const Step& step) { return step.name == name; });
    return found == deployment.steps.end() ? std::nullopt : std::optional(found->status);
  }
  void await_step(StepName name, StepStatus status) const {
    wait_until([&] { return status_of(name) == status && m_proxy->victim(); }, k_patience,
               fmt::format("step '{}' to be {}", to_string(name), to_string(status)));
  }
  /// What the registry answers to a look at a tag.
  [[nodiscard]] int status_of_tag(const std::string& tag) const {
    http::Client client(http::parse_endpoint("http://" + m_host.registry()));
    return client
        .request({.method = "HEAD",
                  .target = fmt::format("/v2/{}/manifests/{}", m_app, tag),
                  .headers = {{"Accept", "application/vnd.docker.distribution.manifest.v2+json"}},
                  .body = {}})
        .status;
  }
  void await_rest() const { m_host.await_rest(m_app); }
  [[nodiscard]] std::string containers() const {
    return m_host.docker({"ps", "-a", "--format", "{{.Names}}", "--filter", "label=tealhook.app=" + m_app});
  }
  /// Its pushes are its connections to the engine, and end with it.
  [[nodiscard]] std::optional<ProcessId> runner() const {
    return find_process({"--home", m_host.home().root.string(), "runner", m_app});
  }

private:
  [[nodiscard]] bool is_routed() const { return m_host.live_port(m_app) != 0; }

  TestHost m_host;
  TempFolder m_folder;
  std::string m_app = m_host.create_app();
  Project m_project;
  ProcessId m_registry;
  std::promise<void> m_release;
  bool m_is_released = false;
  std::optional<FaultProxy> m_proxy;
};

} // namespace

TEST_CASE("behind a router a container starts and is checked while its image is published and gets traffic after") {
  Scene scene("haproxy");
  const std::string commit = scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  scene.await_step(StepName::check, StepStatus::done);
  CHECK(scene.status_of(StepName::publish) == StepStatus::running);
  CHECK(scene.status_of_tag(commit) == 404);
  CHECK(scene.served() == "v1 blue");
  scene.release();
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("remote: live in"));
  CHECK(scene.served() == "v2 green");
  CHECK(scene.status_of_tag(commit) == 200);
  CHECK(scene.status_of_tag("green") == 200);
  CHECK(told.find("remote: check ") < told.find("remote: publish "));
  scene.await_rest(); // what it replaced takes its leave
  for (const Step& step : scene.newest().steps) {
    CHECK(step.status == StepStatus::done);
  }
}

TEST_CASE("without a router a container starts while its image is published and takes the port after") {
  Scene scene("none");
  const std::string commit = scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  const auto is_started = [&] {
    return scene.containers().find("-next") != std::string::npos &&
           scene.host().docker({"inspect", "-f", "{{.State.Running}}", scene.app() + "-blue-next"}) == "true";
  };
  wait_until(is_started, k_patience, "the new container");
  wait_until([&] { return scene.proxy().victim().has_value(); }, k_patience, "the push");
  CHECK(scene.status_of(StepName::publish) == StepStatus::running);
  CHECK(scene.status_of(StepName::start) == StepStatus::running);
  CHECK(scene.served() == "v1 blue");
  scene.release();
  CHECK_THAT(push.finish(), ContainsSubstring("remote: ready in"));
  CHECK(scene.served() == "v2 blue");
  CHECK(scene.status_of_tag(commit) == 200);
}

TEST_CASE("a push that fails after the container was found healthy fails the deployment and what served serves on") {
  Scene scene("haproxy");
  scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  scene.await_step(StepName::check, StepStatus::done);
  scene.end_registry();
  scene.release();
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("remote: error: cannot push '") &&
                       ContainsSubstring("remote:   while publishing the image") &&
                       ContainsSubstring("nothing runs on green"));
  CHECK_THAT(told, !ContainsSubstring("the program printed last"));
  CHECK(scene.newest().status == Status::failed);
  CHECK_THAT(scene.newest().outcome, ContainsSubstring("cannot push '"));
  CHECK(scene.status_of(StepName::publish) == StepStatus::failed);
  CHECK(scene.served() == "v1 blue");
  CHECK(scene.containers() == scene.app() + "-blue");
}

TEST_CASE("a push that fails ends the wait for a program's health and is what is told") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "none");
  Scene scene(router);
  scene.set_settings("health: {deadline: 5m}\n");
  scene.project().set_arguments({"--status", "503"});
  scene.project().commit("v2");
  scene.proxy().arm(1, {.mode = Mode::fail, .status = 403}, is_push);
  const std::string told = what_was_told(scene.project().push(scene.repository()));
  CHECK_THAT(told, ContainsSubstring("error: cannot push '") && ContainsSubstring("FAILED in"));
  CHECK(scene.status_of(StepName::publish) == StepStatus::failed);
  CHECK(scene.served() == "v1 blue");
  CHECK(scene.containers() == scene.app() + "-blue");

  scene.project().set_arguments({});
  scene.project().commit("v3");
  CHECK(scene.project().push(scene.repository()).succeeded());
  CHECK_THAT(scene.served(), ContainsSubstring("v3 "));
}

TEST_CASE("a program that fails while its image is published is what is told and the push is ended") {
  Scene scene("haproxy");
  scene.project().set_arguments({"--exit", "3"});
  scene.project().commit("v2");
  scene.hold_push();
  const std::string told = what_was_told(scene.project().push(scene.repository()));
  CHECK_THAT(told, ContainsSubstring("error: the program exited with 3\n") &&
                       ContainsSubstring("failed: ended, for another step has failed"));
  CHECK_THAT(told, !ContainsSubstring("cannot push"));
  CHECK(scene.newest().status == Status::failed);
  wait_until([&] { return !scene.runner(); }, k_patience, "the end of the runner, and of its push");
  CHECK(scene.served() == "v1 blue");
}

TEST_CASE("a registry that takes a push and never answers is waited for as long as a build may take") {
  Scene scene("none", "deploy: {build_deadline: 8s}\n");
  scene.project().commit("v2");
  scene.proxy().arm(1, {.mode = Mode::hang}, is_push);
  const std::string told = what_was_told(scene.project().push(scene.repository()));
  CHECK_THAT(told, ContainsSubstring("error: cannot push '") && ContainsSubstring("did not end within 8s"));
  CHECK(scene.served() == "v1 blue");
  CHECK(scene.containers() == scene.app() + "-blue");
}

TEST_CASE("a deployment is cancelled while its image is published and its container runs") {
  const std::string router = GENERATE(as<std::string>(), "haproxy", "none");
  Scene scene(router);
  scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  if (router == "none") {
    scene.await_step(StepName::start, StepStatus::running);
  } else {
    scene.await_step(StepName::check, StepStatus::done);
  }
  CHECK_THAT(scene.host().tealhook_ok({"queue", "cancel", "2"}), ContainsSubstring("deployment 2 was cancelled by"));
  const std::string told = push.finish();
  CHECK_THAT(told, ContainsSubstring("CANCELLED in") && !ContainsSubstring("another step has failed"));
  wait_until([&] { return !scene.runner(); }, k_patience, "the end of the runner, and of its push");
  CHECK(scene.served() == "v1 blue");
  CHECK(scene.containers() == scene.app() + "-blue");
}

TEST_CASE("a runner killed while it publishes beside a healthy container is followed by one that does all of it") {
  Scene scene("haproxy");
  const std::string commit = scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  scene.await_step(StepName::check, StepStatus::done);
  const ProcessId runner = scene.runner().value();
  ::kill(runner.pid, SIGKILL);
  wait_until([&] { return !is_alive(runner); }, k_patience, "the end of the killed runner, and of its push");
  scene.release();
  CHECK_THAT(push.finish(), ContainsSubstring("the runner was killed") && ContainsSubstring("remote: live in"));
  CHECK(scene.newest().attempts == 2);
  CHECK(scene.served() == "v2 green");
  CHECK(scene.status_of_tag(commit) == 200);
}

TEST_CASE("tasks run once their image is published and not before") {
  Scene scene("none");
  scene.set_settings("deploy: {before_switch: [[/program, --exit, \"0\"]]}\n");
  scene.project().commit("v2");
  scene.hold_push();
  const Background push(scene.pushing());
  scene.await_step(StepName::pull, StepStatus::done);
  CHECK(scene.containers() == scene.app() + "-blue");
  scene.release();
  CHECK_THAT(push.finish(), ContainsSubstring("remote: ready in"));
}

TEST_CASE("a color's tag that the registry refuses us is pushed by the engine") {
  Scene scene("none");
  scene.project().commit("v2");
  scene.proxy().arm(1, {.mode = Mode::fail, .status = 401}, [](std::string_view line) {
    return line.ends_with("/manifests/blue") && line.starts_with("PUT ");
  });
  const std::string told = what_was_told(scene.project().push(scene.repository()));
  CHECK_THAT(told, ContainsSubstring("ready in"));
  CHECK(scene.proxy().victim());
  CHECK(scene.status_of_tag("blue") == 200);
}

TEST_CASE("a release goes without the image that it shares with one that stays") {
  Scene scene("none", "deploy: {keep_releases: 1}\n");
  Database(scene.host().home().store()).handle().exec("UPDATE releases SET identity = artifact"); // as they were once
  scene.host().tealhook_ok({"deploy", scene.app(), "--color", "blue", "--rev", "HEAD"});
  scene.host().await_rest(scene.app());
  Database database(scene.host().home().store());
  const auto releases = History(database).releases(scene.app());
  REQUIRE(releases.size() == 1);
  CHECK(releases.front().identity != releases.front().artifact);
  CHECK(releases.front().artifact.find(releases.front().identity) == std::string::npos);
  CHECK(scene.status_of_tag(releases.front().commit) == 200);
  CHECK_FALSE(scene.host().docker({"inspect", "-f", "{{.Id}}", releases.front().artifact}).empty());
}
