#include "model/app.hpp"
#include "support/catch.hpp"
#include "target/swarm/replica_check.hpp"
#include "target/swarm/swarm_slots.hpp"
#include "unit/target/swarm/scripted_swarm.hpp"

using namespace teal;

namespace {

using Catch::Matchers::Contains;
using Roles = std::map<std::string, std::string>;

class SwarmSlotsTest {
protected:
  SwarmSlotsTest() : m_engine(m_swarm.host()), m_slots(m_engine) {}

  /// Returns its id.
  std::string make(std::int64_t deployment, const char* role, std::int64_t replicas = 2) {
    engine::ServiceSpec spec;
    spec.name = service_name(m_slot, deployment);
    spec.labels = m_slot.labels();
    spec.labels[label::k_deployment] = std::to_string(deployment);
    spec.labels[label::k_release] = "17";
    spec.labels[label::k_port] = "8080";
    spec.labels[swarm_label::k_role] = role;
    spec.replicas = replicas;
    spec.port = 8080;
    return m_slots.swarm().create(spec, "");
  }
  [[nodiscard]] Roles roles() const { return m_swarm.labels(swarm_label::k_role); }
  bool settle(const std::set<std::string>& routed, std::int64_t failed = 0) {
    return m_slots.settle(
        m_slot, [&] { return routed; }, failed);
  }

  const Slot m_slot{.home = "/srv/tealhook", .app = "shop", .color = Color::blue, .process = {}};
  ScriptedSwarm m_swarm;
  engine::Engine m_engine;
  SwarmSlots m_slots;
};

} // namespace

TEST_CASE_METHOD(SwarmSlotsTest, "a service is its tasks each at its node's address and port") {
  make(41, swarm_label::k_current, 3);
  const Running running = m_slots.running_of(m_slots.find(m_slot).current.value());
  REQUIRE(each_of(running).size() == 3);
  CHECK(running.id == "s1t1");
  CHECK(running.name == "tealhook-shop-blue-41.1");
  CHECK(running.address == "127.0.0.1"); // the manager's own: 0.0.0.0 is nowhere
  CHECK(running.port == 32768);
  CHECK(running.deployment == 41);
  CHECK(running.release == 17);
  CHECK(running.color == Color::blue);
  CHECK(running.state == "running");
  CHECK(running.replicas.back().replica == 3);
}

TEST_CASE_METHOD(SwarmSlotsTest, "what ran on a node that is gone is no replica") {
  make(41, swarm_label::k_current, 3);
  m_swarm.lose_node("n1");
  const Running running = m_slots.running_of(m_slots.find(m_slot).current.value());
  CHECK(running.id == "s1t2");
  CHECK(running.replicas.empty());
  CHECK(running.state == "running");
  CHECK(why_incomplete(m_slots.find(m_slot).current.value(), running) == "1 of 3 replicas run");
}

TEST_CASE_METHOD(SwarmSlotsTest, "a service without a task that runs does not run") {
  m_swarm.let_tasks_be("pending", "no suitable node");
  make(41, swarm_label::k_current);
  const Running running = m_slots.running_of(m_slots.find(m_slot).current.value());
  CHECK_FALSE(running.runs);
  CHECK(running.state == "starting");
  CHECK(running.id == "s1");
  CHECK(running.address.empty());
  m_slots.swarm().scale("s1", 0);
  CHECK(m_slots.running_of(m_slots.find(m_slot).current.value()).state == "stopped");
}

TEST_CASE_METHOD(SwarmSlotsTest, "an update that Swarm took back is told") {
  make(41, swarm_label::k_current);
  m_swarm.set_update("s1", "rollback_completed");
  CHECK(m_slots.running_of(m_slots.find(m_slot).current.value()).state ==
        "running (Swarm: rollback_completed, as was said)");
}

TEST_CASE_METHOD(SwarmSlotsTest, "a successor takes the place of what is retired by it and both run on") {
  make(41, swarm_label::k_current);
  make(42, swarm_label::k_next);
  m_slots.adopt(m_slot);
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "retired"}, {"tealhook-shop-blue-42", "current"}});
}

TEST_CASE_METHOD(SwarmSlotsTest, "a label that is changed while somebody else changes the service is changed") {
  make(41, swarm_label::k_current);
  m_swarm.update_meanwhile();
  m_slots.retire(m_slots.find(m_slot).current.value());
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "retired"}});
}

TEST_CASE_METHOD(SwarmSlotsTest, "a successor that was not proven goes and what serves stays") {
  make(41, swarm_label::k_current);
  make(42, swarm_label::k_next);
  CHECK(settle({"s1t1"}));
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "current"}});
  CHECK_FALSE(settle({"s1t1"}));
}

TEST_CASE_METHOD(SwarmSlotsTest, "a successor that gets requests already is what serves") {
  make(41, swarm_label::k_current);
  make(42, swarm_label::k_next);
  CHECK(settle({"s2t2"}));
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "retired"}, {"tealhook-shop-blue-42", "current"}});
}

TEST_CASE_METHOD(SwarmSlotsTest, "a successor that was proven takes the place that its predecessor gave up") {
  make(41, swarm_label::k_retired);
  make(42, swarm_label::k_next);
  settle({});
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "retired"}, {"tealhook-shop-blue-42", "current"}});
}

TEST_CASE_METHOD(SwarmSlotsTest, "a failed deployment that took over is undone") {
  make(41, swarm_label::k_retired);
  make(42, swarm_label::k_current);
  settle({"s1t1"}, 42);
  CHECK(roles() == Roles{{"tealhook-shop-blue-41", "current"}, {"tealhook-shop-blue-42", "retired"}});
}

TEST_CASE_METHOD(SwarmSlotsTest, "an engine that can give a Swarm no orders says what to do") {
  m_swarm.be("inactive", false);
  CHECK_THROWS_WITH(m_slots.swarm().require_manager(), Contains("is in no Swarm; make one: docker swarm init"));
  m_swarm.be("active", false);
  CHECK_THROWS_WITH(m_slots.swarm().require_manager(), Contains("is no manager of its Swarm (active)"));
  m_swarm.be("locked", false);
  CHECK_THROWS_WITH(m_slots.swarm().require_manager(), Contains("docker swarm unlock"));
  m_swarm.be("active", true);
  m_swarm.lose_leader();
  CHECK_THROWS_WITH(m_slots.swarm().require_manager(),
                    Contains("does not have a leader") && Contains("what runs there goes on"));
}

TEST_CASE_METHOD(SwarmSlotsTest, "why a task does not run is told with where") {
  m_swarm.let_tasks_be("failed", "task: non-zero exit (3)");
  make(41, swarm_label::k_next);
  CHECK(why_ended(m_slots.swarm().tasks("s1"), m_slots.swarm().nodes()) ==
        "replica 1 on node1 exited with 3 (task: non-zero exit (3))");
  m_swarm.let_tasks_be("failed", "task: non-zero exit (137): dockerexec: unhealthy container");
  make(42, swarm_label::k_next);
  CHECK_THAT(why_ended(m_slots.swarm().tasks("s2"), m_slots.swarm().nodes()).value(),
             Contains("replica 1 on node1 is not healthy, says its own check"));
  m_swarm.let_tasks_be("rejected", "No such image: x");
  make(43, swarm_label::k_next);
  CHECK(why_not_running(m_slots.swarm().tasks("s3"), m_slots.swarm().nodes()) ==
        "replica 1 on node1: No such image: x");
  CHECK_FALSE(why_ended(m_slots.swarm().tasks("s3"), m_slots.swarm().nodes()));
}
