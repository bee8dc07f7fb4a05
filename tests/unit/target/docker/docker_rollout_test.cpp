// One deployment on an engine of which the test says what is there: what is done to containers, and in which order.
#include "engine/registry_login.hpp"
#include "engine/registry_server.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/docker/docker_rollout.hpp"
#include "target/docker/docker_target.hpp"
#include "unit/target/docker/scripted_engine.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

using Catch::Matchers::Contains;

/// What is told of a deployment.
class Told : public Steps {
public:
  void step(StepName name, const std::function<std::string()>& work) override {
    m_facts.push_back(fmt::format("{}: ", to_string(name)));
    m_facts.back() += work();
  }
  void output(std::string_view text) override { m_output += text; }
  void line(std::string_view text) override { m_lines.emplace_back(text); }

  [[nodiscard]] const std::vector<std::string>& facts() const { return m_facts; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return m_lines; }
  [[nodiscard]] const std::string& output_so_far() const { return m_output; }

private:
  std::vector<std::string> m_facts;
  std::vector<std::string> m_lines;
  std::string m_output;
};

class RolloutHome {
protected:
  RolloutHome() {
    std::filesystem::create_directories(m_home.app("shop").logs());
    write_file(m_home.settings(), fmt::format("engine: {{host: '{}', cli: '{}'}}\n", m_engine.host(), cli().string()));
    // The engine's command line: it writes down what it is told to do.
    write_file(
        cli(),
        fmt::format("#!/bin/sh\ncase $1 in\n  version) echo 20.10.24 ;;\n  pull) echo \"$@\" >>{0}; echo fetched "
                    ";;\n  *) exit 1 ;;\nesac\n",
                    (m_folder.path() / "cli.log").string()),
        0755);
    m_engine.add_network("tealhook-shop", m_home.root.string(), "shop");
    m_engine.add_network(starting_network_name(m_home.root.string()), m_home.root.string(), "");
    m_plan.settings.ports = {{Color::blue, 50101}, {Color::green, 50100}};
    m_plan.settings.bind = "127.0.0.1";
    m_plan.settings.health.kind = HealthSettings::Kind::command;
    m_plan.settings.health.command = {"true"};
    m_plan.settings.health.settle = Milliseconds(0);
    m_deployment.event.app = "shop";
    m_deployment.event.new_commit = m_release.commit;
    m_services = std::make_unique<Services>(m_home, clean_environment());
  }

  [[nodiscard]] std::unique_ptr<DockerRollout> roll_out(bool has_router = true) {
    return std::make_unique<DockerRollout>(*m_services, RolloutOrder{.slot = m_slot,
                                                                     .plan = m_plan,
                                                                     .deployment = m_deployment,
                                                                     .steps = m_told,
                                                                     .has_router = has_router,
                                                                     .await_published = [this] { ++m_awaited; }});
  }
  /// What serves, as an earlier deployment left it; with a published port, if it was made without a router.
  void serve(const std::string& process = "", bool publishes = false) {
    const Slot slot = process.empty() ? m_slot : m_slot.of_process(process);
    ScriptedEngine::Container served{.id = "old" + process, .name = slot.current_name(), .running = true};
    for (const auto& [name, value] : slot.labels()) {
      served.labels[name] = value;
    }
    served.networks = {"tealhook-shop"};
    if (publishes) {
      served.ports["8080/tcp"] =
          boost::json::array{boost::json::object{{"HostIp", "127.0.0.1"}, {"HostPort", "50101"}}};
    }
    m_engine.add(std::move(served));
  }
  [[nodiscard]] std::filesystem::path cli() const { return m_folder.path() / "docker"; }
  [[nodiscard]] std::string cli_log() const { return read_file(m_folder.path() / "cli.log"); }

  TempFolder m_folder;
  Home m_home{m_folder.path() / "home"};
  ScriptedEngine m_engine;
  Slot m_slot{m_home.root.string(), "shop", Color::blue};
  Plan m_plan;
  Release m_release{.id = 7,
                    .app = "shop",
                    .commit = "5aa01fe0000000000000000000000000000000aa",
                    .identity = "sha256:1",
                    .artifact = "localhost:5000/shop@sha256:2",
                    .created = {}};
  Deployment m_deployment{.id = 41, .event = {}, .created = {}};
  Told m_told;
  int m_awaited = 0;
  std::unique_ptr<Services> m_services;
};

} // namespace

TEST_CASE_METHOD(RolloutHome, "behind a router the new one starts beside what serves, and publishes nothing") {
  serve();
  const auto rollout = roll_out();
  CHECK(rollout->start(m_release) == "shop-blue");
  CHECK(rollout->is_under_way());
  CHECK(m_engine.done() == std::vector<std::string>{"create shop-blue-next", "start shop-blue-next"});
  CHECK(m_engine.label_of("shop-blue-next", label::k_release) == "7");
  CHECK(m_engine.label_of("shop-blue-next", label::k_deployment) == "41");
  CHECK(m_awaited == 0);
  CHECK_THAT(rollout->check(), Contains("command -> 0"));
}

TEST_CASE_METHOD(RolloutHome, "on another host each new one behind a router has a port of its own, which nobody had") {
  serve();
  ScriptedEngine::Container stranger{.id = "other", .name = "other"};
  stranger.labels[label::k_reached_at] = "127.0.0.1:52041"; // of the deployment's number
  m_engine.add(std::move(stranger));
  const auto rollout = roll_out();
  static_cast<void>(rollout->start(m_release));
  CHECK(m_engine.label_of("shop-blue-next", label::k_reached_at) == "127.0.0.1:52042");
  CHECK(rollout->successor().address == "127.0.0.1");
  CHECK(rollout->successor().port == 52042);
  rollout->confirm();
  for (const std::string& one : m_engine.done()) {
    CHECK_THAT(one, !Contains("disconnect")); // what serves has no port that it would have to give up
  }
}

TEST_CASE_METHOD(RolloutHome, "a port is taken from what serves only once the release is kept") {
  serve("", true);
  std::vector<std::string> before;
  const auto awaiting =
      std::make_unique<DockerRollout>(*m_services, RolloutOrder{.slot = m_slot,
                                                                .plan = m_plan,
                                                                .deployment = m_deployment,
                                                                .steps = m_told,
                                                                .has_router = false,
                                                                .await_published = [&] { before = m_engine.done(); }});
  CHECK(awaiting->start(m_release) == "shop-blue on port 50101");
  CHECK(before.size() == 1); // it was made
  CHECK(std::none_of(before.begin(), before.end(), [](const auto& one) { return one.starts_with("disconnect"); }));
  const std::vector<std::string> done = m_engine.done();
  const auto taken = std::find(done.begin(), done.end(), "disconnect tealhook-shop shop-blue");
  REQUIRE(taken != done.end());
  CHECK(std::find(taken, done.end(), "start shop-blue-next") != done.end());
}

TEST_CASE_METHOD(RolloutHome, "a release that cannot be kept takes no port") {
  serve("", true);
  const auto refusing = std::make_unique<DockerRollout>(
      *m_services,
      RolloutOrder{.slot = m_slot,
                   .plan = m_plan,
                   .deployment = m_deployment,
                   .steps = m_told,
                   .has_router = false,
                   .await_published = [] { throw Error(ErrorKind::environment, "the registry is full"); }});
  CHECK_THROWS_WITH(static_cast<void>(refusing->start(m_release)), Contains("the registry is full"));
  for (const std::string& one : m_engine.done()) {
    CHECK_THAT(one, !Contains("disconnect"));
  }
}

TEST_CASE_METHOD(RolloutHome, "each process gets a container of its own, and one that ends at once fails the check") {
  m_plan.settings.run.processes = {{"worker", {"work"}}};
  m_engine.let_end("shop-blue.worker-next", 3, "no queue\n");
  const auto rollout = roll_out();
  CHECK(rollout->start(m_release) == "shop-blue, shop-blue.worker");
  CHECK_THROWS_WITH(static_cast<void>(rollout->check()), Contains("process 'worker' exited with 3"));
  CHECK(rollout->last_words() == "no queue\n");
}

TEST_CASE_METHOD(RolloutHome, "a program that has ended by then is not confirmed") {
  m_engine.let_end("shop-blue-next", 1, "");
  const auto rollout = roll_out();
  static_cast<void>(rollout->start(m_release));
  CHECK_THROWS_WITH(rollout->check(), Contains("the program exited with 1"));
  CHECK_THROWS_WITH(rollout->confirm(), Contains("'shop-blue-next' has ended before it could take over"));
}

TEST_CASE_METHOD(RolloutHome, "behind a router the port that a predecessor published is given up") {
  serve("", true);
  const auto rollout = roll_out();
  static_cast<void>(rollout->start(m_release));
  rollout->confirm();
  const std::vector<std::string> done = m_engine.done();
  CHECK(std::find(done.begin(), done.end(), "disconnect tealhook-shop shop-blue") != done.end());
  CHECK(std::find(done.begin(), done.end(), "update shop-blue-next") == done.end()); // requests do not wait for that
  CHECK(rollout->take_over().empty());
  const std::vector<std::string> all = m_engine.done();
  const auto kept_alive = std::find(all.begin(), all.end(), "update shop-blue-next");
  REQUIRE(kept_alive != all.end());
  CHECK(std::find(kept_alive, all.end(), "rename shop-blue-next shop-blue") != all.end());
}

TEST_CASE_METHOD(RolloutHome, "a login that cannot be told is no reason not to publish") {
  Environment environment = clean_environment();
  environment["DOCKER_CONFIG"] = m_folder.path().string();
  write_file(m_folder.path() / "config.json", R"({"credsStore": "nowhere"})");
  m_services = std::make_unique<Services>(m_home, environment);
  const auto rollout = roll_out();
  CHECK_THROWS_WITH(rollout->publish(m_release), Contains("cannot push 'localhost:5000/shop:"));
  const auto asked = m_engine.asked();
  CHECK(std::any_of(asked.begin(), asked.end(),
                    [](const auto& line) { return line.starts_with("POST /images/localhost%3A5000%2Fshop/push"); }));
  REQUIRE_FALSE(m_told.lines().empty());
  CHECK_THAT(m_told.lines().front(),
             Contains("warning: publishing without a login: ") && Contains("docker-credential-nowhere"));
  CHECK_THROWS(rollout->publish(m_release));
  CHECK(m_told.lines().size() == 1);
}

TEST_CASE_METHOD(RolloutHome, "our own registry's login is told whatever docker's configuration is") {
  Environment environment = clean_environment();
  environment["DOCKER_CONFIG"] = m_folder.path().string();
  write_file(m_folder.path() / "config.json", R"({"credsStore": "nowhere"})");
  const Services services(m_home, environment);
  CHECK_THROWS_WITH(services.registry_login(), Contains("docker-credential-nowhere"));
  std::filesystem::create_directories(m_home.registry());
  write_file(engine::RegistryServer::credentials_file(m_home.registry()), "shop:secret\n");
  CHECK(services.registry_login() == engine::registry_login({.user = "shop", .password = "secret"}, "localhost:5000"));
}

TEST_CASE_METHOD(RolloutHome, "what takes over has the slot's name, and a process that is no more goes with the old") {
  serve();
  serve("mailer");
  const auto rollout = roll_out();
  static_cast<void>(rollout->start(m_release));
  CHECK(rollout->successor().release == 7);
  CHECK(rollout->take_over().empty());
  CHECK_FALSE(rollout->is_under_way());
  CHECK(m_engine.names() ==
        std::vector<std::string>{"shop-blue", "shop-blue-retired-old", "shop-blue.mailer-retired-oldmailer"});
  CHECK(m_engine.label_of("shop-blue", label::k_release) == "7");
}

TEST_CASE_METHOD(RolloutHome, "a release that the engine has is not pulled, and another one is") {
  const auto rollout = roll_out();
  rollout->fetch(m_release);
  CHECK(cli_log() == "pull localhost:5000/shop@sha256:2\n");
  CHECK(m_told.output_so_far() == "fetched\n");
  Release just_built = m_release;
  just_built.artifact.clear();
  rollout->fetch(just_built);
  CHECK(m_told.facts() == std::vector<std::string>{"pull: ", "pull: already here"});
  CHECK(cli_log() == "pull localhost:5000/shop@sha256:2\n");
}

TEST_CASE_METHOD(RolloutHome, "a one-off command runs once the release is kept, and one that fails is told") {
  m_plan.settings.deploy.before_switch = {{"migrate", "--all"}};
  const auto rollout = roll_out();
  m_engine.let_end("shop-blue.task", 0, "3 tables\n");
  rollout->prepare(m_release);
  CHECK(m_awaited == 1);
  CHECK(m_told.output_so_far() == "3 tables\n");
  REQUIRE(m_told.lines().size() == 1);
  CHECK_THAT(m_told.lines().front(), Contains("'migrate --all' done in"));
  CHECK(m_engine.names().empty());
}

TEST_CASE_METHOD(RolloutHome, "a one-off command that fails ends the deployment, and its container goes") {
  m_plan.settings.deploy.before_switch = {{"migrate"}};
  m_engine.let_end("shop-blue.task", 9, "no such table\n");
  CHECK_THROWS_WITH(roll_out()->prepare(m_release), Contains("'migrate' (deploy.before_switch) exited with 9"));
  CHECK(m_told.output_so_far() == "no such table\n");
  CHECK(m_engine.names().empty());
}
