// One deployment on a Swarm of which the test says what becomes of tasks.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/listener.hpp"
#include "support/temp_folder.hpp"
#include "target/swarm/swarm_rollout.hpp"
#include "target/swarm/swarm_target.hpp"
#include "unit/target/swarm/scripted_swarm.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

using Catch::Matchers::Contains;
using Roles = std::map<std::string, std::string>;

class Silence : public Steps {
public:
  void step(StepName /*name*/, const std::function<std::string()>& work) override { static_cast<void>(work()); }
  void output(std::string_view /*text*/) override {}
  void line(std::string_view /*text*/) override {}
};

class SwarmRolloutTest {
protected:
  SwarmRolloutTest() {
    std::filesystem::create_directories(m_home.app("shop").logs());
    write_file(m_home.settings(), fmt::format("engine: {{host: '{}'}}\n", m_swarm.host()));
    m_plan.settings.container_port = 8080;
    m_plan.settings.health.kind = HealthSettings::Kind::tcp;
    m_plan.settings.health.is_told = true;
    m_plan.settings.health.deadline = Milliseconds(200);
    m_plan.settings.target = "cluster";
    m_plan.settings.targets["cluster"].kind = TargetSettings::Kind::swarm;
    m_deployment.event.app = "shop";
    m_swarm.publish(m_listener.port());
    m_services = std::make_unique<Services>(m_home, Environment{{"HOME", m_folder.path().string()}});
  }

  [[nodiscard]] std::unique_ptr<SwarmRollout> roll_out(std::int64_t replicas = 1) {
    m_plan.settings.targets["cluster"].swarm.replicas = replicas;
    return std::make_unique<SwarmRollout>(*m_services, RolloutOrder{.slot = m_slot,
                                                                    .plan = m_plan,
                                                                    .deployment = m_deployment,
                                                                    .steps = m_silence,
                                                                    .has_router = true,
                                                                    .await_published = [this] { ++m_awaited; }});
  }
  [[nodiscard]] Roles roles() const { return m_swarm.labels(swarm_label::k_role); }

  TempFolder m_folder;
  Home m_home{m_folder.path() / "home"};
  ScriptedSwarm m_swarm;
  Listener m_listener; ///< of the first node
  Slot m_slot{m_home.root.string(), "shop", Color::blue, {}};
  Plan m_plan;
  Release m_release{.id = 7,
                    .app = "shop",
                    .commit = "5aa01fe0000000000000000000000000000000aa",
                    .subject = {},
                    .identity = "sha256:1",
                    .artifact = "localhost:5000/shop@sha256:2",
                    .created = {}};
  Deployment m_deployment{.id = 42, .event = {}, .created = {}};
  Silence m_silence;
  int m_awaited = 0;
  std::unique_ptr<Services> m_services;
};

} // namespace

TEST_CASE_METHOD(SwarmRolloutTest, "a release is a service of its own and takes over once it is healthy") {
  const auto rollout = roll_out();
  CHECK(rollout->start(m_release) == "tealhook-shop-blue-42, 1 replica");
  CHECK(m_awaited == 1); // nodes pull it from the registry
  CHECK(roles() == Roles{{"tealhook-shop-blue-42", "next"}});
  CHECK(rollout->check() == "accepts connections");
  CHECK(rollout->successor().id == "s1t1");
  CHECK(rollout->take_over().empty());
  CHECK(roles() == Roles{{"tealhook-shop-blue-42", "current"}});
  CHECK_FALSE(rollout->is_under_way());
}

TEST_CASE_METHOD(SwarmRolloutTest, "each replica must be healthy at its node") {
  const auto rollout = roll_out(2);
  static_cast<void>(rollout->start(m_release));
  CHECK_THROWS_WITH(rollout->check(), Contains("not healthy within 200ms: ") && Contains(" at 127.0.0.2:"));
}

TEST_CASE_METHOD(SwarmRolloutTest, "a replica that ends fails the deployment and its words are there") {
  m_swarm.let_tasks_be("failed", "task: non-zero exit (3)");
  const auto rollout = roll_out();
  CHECK_THROWS_WITH(rollout->start(m_release), Contains("replica 1 on node1 exited with 3"));
  CHECK(rollout->is_under_way());
  CHECK(rollout->last_words() == "said last\n");
}

TEST_CASE_METHOD(SwarmRolloutTest, "an image that no node can have says what nodes need") {
  m_swarm.let_tasks_be("rejected", "No such image: localhost:5000/shop@sha256:2");
  CHECK_THROWS_WITH(roll_out()->start(m_release),
                    Contains("0 of 1 replicas run; replica 1 on node1: No such image") &&
                        Contains("each node must reach the registry at 'localhost:5000', and be let in"));
}

TEST_CASE_METHOD(SwarmRolloutTest, "a service that Swarm took back is no success whatever runs") {
  const auto rollout = roll_out();
  static_cast<void>(rollout->start(m_release));
  m_swarm.set_update("s1", "rollback_completed");
  CHECK_THROWS_WITH(rollout->check(), Contains("came to 'rollback_completed'"));
}

TEST_CASE_METHOD(SwarmRolloutTest, "what a Swarm cannot run is refused before anything is touched") {
  SwarmTarget target(*m_services);
  const auto first = [&] { return target.obstacles(m_slot, m_plan.settings).at(0).message(); };
  CHECK_THAT(first(), Contains("a target of kind swarm needs a router"));
  m_plan.settings.run.processes["worker"] = {"w"};
  CHECK_THAT(target.obstacles(m_slot, m_plan.settings).at(1).message(), Contains("cannot have further processes"));
  m_swarm.be("active", false);
  CHECK_THAT(target.obstacles(m_slot, m_plan.settings).at(2).message(), Contains("is no manager of its Swarm"));
}

TEST_CASE_METHOD(SwarmRolloutTest, "what was stopped has as many replicas as before once it is started") {
  const auto rollout = roll_out(2);
  static_cast<void>(rollout->start(m_release));
  static_cast<void>(rollout->take_over());
  SwarmTarget target(*m_services);
  target.stop(m_slot, Milliseconds(0));
  CHECK(target.current(m_slot).value().state == "stopped");
  target.start(m_slot);
  CHECK(each_of(target.current(m_slot).value()).size() == 2);
}

TEST_CASE_METHOD(SwarmRolloutTest, "a task is found by its id and what is retired ends with all its replicas") {
  const auto rollout = roll_out(2);
  static_cast<void>(rollout->start(m_release));
  static_cast<void>(rollout->take_over());
  SwarmTarget target(*m_services);
  CHECK(target.find("s1t2").value().deployment == 42);
  CHECK_FALSE(target.find("s9t1"));
  CHECK(target.all().size() == 2);
  CHECK(target.releases_in_use("shop") == std::set<std::int64_t>{7});
  target.retire(m_slot);
  const auto retired = target.retired(m_slot);
  REQUIRE(retired.size() == 1);
  CHECK(retired[0].replicas.size() == 1);
  target.end(retired[0], Milliseconds(0));
  CHECK(target.all().empty());
}

TEST_CASE_METHOD(SwarmRolloutTest, "of a Swarm that has lost its leader nothing is known to be there") {
  m_swarm.lose_leader();
  SwarmTarget target(*m_services);
  CHECK(target.all().empty());
  CHECK_THROWS_WITH(target.current(m_slot), Contains("does not have a leader"));
}
