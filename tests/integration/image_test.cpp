// Images built elsewhere: from a registry onto a color and back, and what a real registry's notifications come to.
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "engine/images.hpp"
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Builds images as a CI would, and pushes them; what it leaves on the engine goes with it.
class ImageBuilder {
public:
  explicit ImageBuilder(const TestHost& host, const std::vector<std::string>& arguments = {})
      : m_host(host), m_project(host, arguments) {}

  /// Returns "REPOSITORY@DIGEST"; the engine knows neither afterwards.
  std::string publish(const std::string& reference, const std::string& version, const std::string& more = "") const {
    m_project.write("version", version + "\n");
    m_project.write("Dockerfile",
                    "FROM scratch\nCOPY program /program\nCOPY version /version\nCMD [" + m_command + "]\n" + more);
    build(reference);
    return push(reference);
  }
  void set_command(const std::string& command) { m_command = command; }
  /// As if it had been built on another kind of machine.
  std::string publish_for_arm(const std::string& reference) const {
    m_project.write("version", "arm\n");
    build(reference);
    sh(fmt::format("docker save {0} | sed 's/\"architecture\":\"amd64\"/\"architecture\":\"arm64\"/' | docker load",
                   reference));
    return push(reference);
  }

private:
  void sh(const std::string& script) const {
    run_or_throw({.arguments = {"/bin/sh", "-ec", script},
                  .directory = m_project.path(),
                  .environment = environment(),
                  .deadline = k_patience});
  }
  [[nodiscard]] Environment environment() const {
    Environment variables = m_host.environment();
    variables["DOCKER_BUILDKIT"] = "0";
    return variables;
  }
  void build(const std::string& reference) const { sh("docker build --quiet --tag " + reference + " ."); }
  [[nodiscard]] std::string push(const std::string& reference) const {
    sh("docker push " + reference);
    const std::string digest = m_host.docker({"image", "inspect", "--format", "{{index .RepoDigests 0}}", reference});
    sh("docker rmi " + reference);
    return digest;
  }

  const TestHost& m_host;
  Project m_project;
  std::string m_command = "\"/program\"";
};

std::vector<Deployment> deployments_of(const TestHost& host, const std::string& app) {
  Database database(host.home().store());
  return History(database).deployments(app, 100);
}

Release release_of(const TestHost& host, std::int64_t id) {
  Database database(host.home().store());
  return History(database).release(id).value();
}

} // namespace

TEST_CASE("an image by its tag is pulled, kept in our registry by digest, and run like what is built here") {
  TestHost host;
  const std::string app = host.create_app();
  const ImageBuilder builder(host);
  const std::string commit(40, 'c');
  const std::string reference = host.registry() + "/ci/shop:1.2";
  static_cast<void>(builder.publish(reference, "v1", "LABEL org.opencontainers.image.revision=" + commit + "\n"));
  const std::string plan = host.tealhook_ok({"plan", app, "--color", "blue", "--image", reference});
  CHECK_THAT(plan, ContainsSubstring("pull       " + reference) && !ContainsSubstring("build "));
  const std::string told = host.tealhook_ok({"deploy", app, "--color", "blue", "--image", reference});
  CHECK(host.answer(app, Color::blue) == "v1 blue");
  CHECK_THAT(told, ContainsSubstring("image " + reference) && ContainsSubstring("pull ") &&
                       ContainsSubstring("publish ") && !ContainsSubstring("checkout ") &&
                       !ContainsSubstring("build "));
  host.await_rest(app);
  const Deployment made = deployments_of(host, app).front();
  std::vector<StepName> steps;
  for (const Step& step : made.steps) {
    steps.push_back(step.name);
  }
  CHECK(steps == std::vector{StepName::pull, StepName::publish, StepName::start, StepName::check, StepName::retire});
  const Release release = release_of(host, made.release);
  CHECK(release.commit == commit);
  CHECK(release.subject == reference);
  CHECK(release.artifact.starts_with(fmt::format("{}/{}@sha256:", host.registry(), app)));
  engine::Engine engine("unix:///var/run/docker.sock");
  engine::Images images(engine);
  CHECK_FALSE(images.inspect(reference)); // nothing stays under a name of others
  CHECK(images.inspect(release.artifact).value().digests == std::vector{release.artifact});
  CHECK_THAT(host.tealhook_ok({"history", app}), ContainsSubstring("image") && ContainsSubstring(reference));
  CHECK_THAT(host.tealhook_ok({"status", app}), ContainsSubstring("image"));
  const json::value newest = json::parse(host.tealhook_ok({"history", app, "--json"})).at(0);
  CHECK(newest.at("image").as_string() == reference);
}

TEST_CASE("a rollback goes from an image to a commit and back, though the other registry has dropped the image") {
  ServedApp app;
  const ImageBuilder builder(app.host());
  const std::string pinned = builder.publish(app.host().registry() + "/ci/shop:stable", "image");
  app.host().tealhook_ok({"deploy", app.name(), "--color", "blue", "--image", pinned});
  CHECK(app.answer() == "image blue");
  const std::int64_t release = deployments_of(app.host(), app.name()).front().release;
  app.host().tealhook_ok({"rollback", app.name()});
  CHECK(app.answer() == "v1 blue");
  fs::remove_all(app.host().home().registry() / "data/docker/registry/v2/repositories/ci");
  app.host().tealhook_ok({"rollback", app.name(), std::to_string(release)});
  CHECK(app.answer() == "image blue");
  CHECK_THAT(app.host().tealhook_ok({"history", app.name()}), ContainsSubstring("rollback by"));
}

TEST_CASE("what was asked for last may be an image, and its tag counts as it is now") {
  TestHost host;
  const std::string app = host.create_app();
  const ImageBuilder builder(host);
  const std::string reference = host.registry() + "/ci/shop:stable";
  static_cast<void>(builder.publish(reference, "v1"));
  host.tealhook_ok({"deploy", app, "--color", "blue", "--image", reference});
  static_cast<void>(builder.publish(reference, "v2"));
  host.tealhook_ok({"deploy", app});
  CHECK(host.answer(app, Color::blue) == "v2 blue");
  host.tealhook_ok({"queue", "retry", "1"});
  CHECK(host.answer(app, Color::blue) == "v2 blue");
}

TEST_CASE("an image that is not healthy, not there, not ours to have or for another machine leaves what served") {
  ServedApp app({}, "health: {deadline: 3s}\n");
  const TestHost& host = app.host();
  ImageBuilder builder(host);
  const auto deploy_in_vain = [&](const std::string& image) {
    const Outcome outcome = host.tealhook({"deploy", app.name(), "--color", "blue", "--image", image});
    CHECK(outcome.exit_code == 1);
    CHECK(app.answer() == "v1 blue");
    CHECK_THAT(outcome.tail, ContainsSubstring("blue still runs"));
    return outcome.tail;
  };
  const std::string ci = host.registry() + "/ci/shop";
  CHECK_THAT(deploy_in_vain(ci + ":never"),
             ContainsSubstring("cannot pull '" + ci + ":never'") && ContainsSubstring("not found"));
  CHECK_THAT(deploy_in_vain(fmt::format("localhost:{}/shop:1", free_port())),
             ContainsSubstring("cannot pull 'localhost:"));
  static_cast<void>(builder.publish_for_arm(ci + ":arm"));
  CHECK_THAT(deploy_in_vain(ci + ":arm"),
             ContainsSubstring("is built for linux/arm64, and this engine runs linux/amd64"));
  builder.set_command("\"/program\", \"--status\", \"500\"");
  static_cast<void>(builder.publish(ci + ":sick", "sick"));
  CHECK_THAT(deploy_in_vain(ci + ":sick"),
             ContainsSubstring("not healthy") && ContainsSubstring("--image " + ci + ":sick"));
  for (const char* image : {"--privileged", "shop", "../x:1", "shop:a b"}) {
    const Outcome refused = host.tealhook({"deploy", app.name(), std::string("--image=") + image});
    INFO(refused.tail);
    CHECK(refused.exit_code == 2);
  }
}

namespace {

/// A docker-registry that tells the daemon what is pushed to it, and that the home has for its own.
class NotifyingRegistry {
public:
  explicit NotifyingRegistry(const TestHost& host) : m_host(host) {
    write_file(
        m_folder.path() / "config.yml",
        fmt::format("version: 0.1\nlog: {{level: warn}}\nstorage:\n  filesystem: {{rootdirectory: {}/data}}\n  "
                    "delete: {{enabled: true}}\nhttp: {{addr: '127.0.0.1:{}'}}\nnotifications:\n  endpoints:\n"
                    "  - {{name: tealhook, url: 'http://127.0.0.1:{}/hook/{}/images', timeout: 5s, threshold: 3, "
                    "backoff: 1s,\n     headers: {{Authorization: ['Bearer s3cret-of-it']}}}}\n",
                    m_folder.path().string(), m_port, m_daemon_port, m_app));
    write_file(m_host.home().app(m_app).root / "images.secret", "s3cret-of-it\n", 0600);
    m_registry = start_detached({.arguments = {"docker-registry", "serve", (m_folder.path() / "config.yml").string()},
                                 .environment = m_host.environment()},
                                m_folder.path() / "registry.log");
    m_daemon = start_detached({.arguments = {TestHost::tool().string(), "serve"}, .environment = m_host.environment()},
                              m_folder.path() / "log");
    wait_until([&] { return log().find("all is as it should be") != std::string::npos; }, k_patience, "the daemon");
  }
  ~NotifyingRegistry() {
    end_process(m_daemon, k_patience);
    m_host.await_rest(m_app);
    static_cast<void>(m_host.tealhook({"app", "remove", m_app, "--yes"}));
    end_process(m_registry, k_patience);
  }
  NotifyingRegistry(const NotifyingRegistry&) = delete;
  NotifyingRegistry& operator=(const NotifyingRegistry&) = delete;

  [[nodiscard]] std::string address() const { return fmt::format("localhost:{}", m_port); }
  [[nodiscard]] const std::string& app() const { return m_app; }
  [[nodiscard]] std::string log() const {
    const auto file = m_folder.path() / "log";
    return fs::exists(file) ? read_file(file) : "";
  }
  void await_log(const std::string& words) const {
    wait_until([&] { return log().find(words) != std::string::npos; }, k_patience, words + ", of:\n" + log());
  }

private:
  const TestHost& m_host;
  TempFolder m_folder;
  std::uint16_t m_port = free_port();
  std::uint16_t m_daemon_port = free_port();
  ChangedFile m_listen{m_host.home().settings(), "#listen: 127.0.0.1:8888",
                       fmt::format("listen: 127.0.0.1:{}", m_daemon_port)};
  ChangedFile m_address{m_host.home().settings(), "address: " + m_host.registry(),
                        fmt::format("address: localhost:{}", m_port)};
  std::string m_app = m_host.create_app();
  ProcessId m_registry;
  ProcessId m_daemon;
};

} // namespace

TEST_CASE("a real registry's notification deploys the image, and our own pushes to it lead to nothing") {
  TestHost host;
  const NotifyingRegistry registry(host);
  const std::string& app = registry.app();
  host.set_settings(app, "rules: [{tag: '*', deploy: blue}]\n"
                         "sources: [{name: images, kind: registry, secret_file: images.secret, tag: '*'}]\n");
  const ImageBuilder builder(host);
  const std::string pinned = builder.publish(fmt::format("{}/{}:stable", registry.address(), app), "v1");
  wait_until([&] { return host.answer(app, Color::blue) == "v1 blue"; }, k_patience, "v1, of:\n" + registry.log());
  static_cast<void>(builder.publish(fmt::format("{}/other:stable", registry.address()), "other"));
  static_cast<void>(builder.publish(fmt::format("{}/{}:stable", registry.address(), app), "v2"));
  wait_until([&] { return host.answer(app, Color::blue) == "v2 blue"; }, k_patience, "v2, of:\n" + registry.log());
  host.await_rest(app);
  const auto deployments = deployments_of(host, app);
  CHECK(deployments.size() == 2);
  CHECK(deployments.back().event.trigger == Trigger::registry);
  CHECK(deployments.back().event.artifact == pinned);
  CHECK(deployments.back().event.who == "source:images");
}
