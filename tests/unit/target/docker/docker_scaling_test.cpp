// A number of replicas brought about on an engine of which the test says what is there.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/docker/docker_scaling.hpp"
#include "unit/target/docker/scripted_engine.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

using Names = std::vector<std::string>;

/// What is told of a scaling is not looked at.
class NoSteps : public Steps {
public:
  void step(StepName /*name*/, const std::function<std::string()>& work) override { static_cast<void>(work()); }
  void output(std::string_view /*text*/) override {}
  void line(std::string_view /*text*/) override {}
};

class ScalingHome {
protected:
  explicit ScalingHome() {
    std::filesystem::create_directories(m_home.app("shop").logs());
    write_file(m_home.settings(), fmt::format("engine: {{host: '{}'}}\nrouter: {{kind: haproxy}}\n", m_engine.host()));
    write_file(m_home.app("shop").settings(), "colors: {blue: {port: 50101}, green: {port: 50100}}\n");
    m_engine.add_network("tealhook-shop", m_home.root.string(), "shop");
    m_plan.settings.health.kind = HealthSettings::Kind::command;
    m_plan.settings.health.command = {"true"};
    m_services = std::make_unique<Services>(m_home, clean_environment());
  }

  void serve(int replica) {
    const Slot slot = m_slot.of_replica(replica);
    ScriptedEngine::Container served{.id = fmt::format("old{}", replica), .name = slot.current_name(), .running = true};
    for (const auto& [name, value] : slot.labels()) {
      served.labels[name] = value;
    }
    served.labels[label::k_deployment] = "41";
    served.labels[label::k_port] = "9000";
    served.networks = {"tealhook-shop"};
    m_engine.add(std::move(served));
  }
  [[nodiscard]] std::unique_ptr<DockerScaling> scale_to(int replicas) {
    m_deployment.replicas = replicas;
    return std::make_unique<DockerScaling>(*m_services, RolloutOrder{.slot = m_slot,
                                                                     .plan = m_plan,
                                                                     .deployment = m_deployment,
                                                                     .steps = m_steps,
                                                                     .has_router = true,
                                                                     .await_published = {}});
  }

  TempFolder m_folder;
  Home m_home{m_folder.path() / "home"};
  ScriptedEngine m_engine;
  Slot m_slot{m_home.root.string(), "shop", Color::blue, ""};
  Plan m_plan;
  Release m_release{.id = 7, .app = "shop", .commit = "5aa01fe", .identity = "sha256:1", .artifact = {}, .created = {}};
  Deployment m_deployment{.id = 42, .event = {}, .created = {}};
  NoSteps m_steps;
  std::unique_ptr<Services> m_services;
};

} // namespace

TEST_CASE_METHOD(ScalingHome, "a replica more is made beside what serves, as one of the deployment that made that") {
  serve(1);
  const auto scaling = scale_to(2);
  CHECK(scaling->start(m_release) == "shop-blue.2");
  CHECK(m_engine.done() == Names{"create shop-blue.2-next", "start shop-blue.2-next"});
  CHECK(m_engine.label_of("shop-blue.2-next", label::k_deployment) == "41");
  CHECK(m_engine.label_of("shop-blue.2-next", label::k_scaling) == "42");
  CHECK(m_engine.label_of("shop-blue.2-next", label::k_replica) == "2");
  CHECK(m_engine.label_of("shop-blue.2-next", label::k_port) == "9000");
  CHECK_THAT(scaling->check(), Catch::Matchers::Contains("command -> 0"));
  scaling->confirm();
  const Running all = scaling->successor();
  CHECK(all.id == "old1");
  REQUIRE(all.replicas.size() == 1);
  CHECK(all.replicas.front().replica == 2);
  CHECK(scaling->take_over().empty());
  CHECK(m_engine.names() == Names{"shop-blue", "shop-blue.2"});
}

TEST_CASE_METHOD(ScalingHome, "replicas that are too many are retired, and the others are not touched") {
  for (int replica = 1; replica <= 3; ++replica) {
    serve(replica);
  }
  const auto scaling = scale_to(1);
  CHECK(scaling->start(m_release) == "none is missing");
  CHECK(scaling->check().empty());
  scaling->confirm();
  CHECK(m_engine.done().empty());
  CHECK(scaling->successor().replicas.empty());
  CHECK(scaling->take_over().empty());
  CHECK(m_engine.names() == Names{"shop-blue", "shop-blue.2-retired-old2", "shop-blue.3-retired-old3"});
}

TEST_CASE_METHOD(ScalingHome, "what does not run any more is not scaled") {
  CHECK_THROWS_WITH(scale_to(2), Catch::Matchers::Contains("nothing runs on blue any more"));
}
