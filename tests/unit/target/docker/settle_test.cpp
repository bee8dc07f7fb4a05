// What is left of an app's replicas where a runner was killed, and what they are to be.
#include "support/catch.hpp"
#include "target/docker/settle.hpp"
#include "unit/target/docker/scripted_engine.hpp"

using namespace teal;

namespace {

using Names = std::vector<std::string>;

class Killed {
protected:
  /// A container of the web's replica, made by a deployment, or added to what that had made by a scaling.
  void add(const std::string& id, int replica, const std::string& name, const std::string& deployment = "41",
           const std::string& scaling = "") {
    ScriptedEngine::Container one{.id = id, .name = name, .running = true};
    for (const auto& [key, value] : m_web.of_replica(replica).labels()) {
      one.labels[key] = value;
    }
    one.labels[label::k_deployment] = deployment;
    one.labels[label::k_scaling] = scaling;
    one.networks = {"tealhook-shop"};
    m_engine.add(std::move(one));
  }
  bool settle(const std::set<std::string>& routed, std::int64_t failed = 0) {
    engine::Engine engine(m_engine.host());
    DockerSlots docker(engine, {.range = Subnet::parse("10.213.0.0/16").value(), .lock = {}});
    return teal::settle(
        docker, m_web, [&] { return routed; }, failed);
  }

  ScriptedEngine m_engine;
  Slot m_web{"/srv/tealhook", "shop", Color::blue, ""};
};

} // namespace

TEST_CASE_METHOD(Killed, "replicas that get no requests yet go, and what serves stays") {
  add("a", 1, "shop-blue");
  add("b", 2, "shop-blue.2-next", "41", "42");
  CHECK(settle({"a"}));
  CHECK(m_engine.names() == Names{"shop-blue"});
}

TEST_CASE_METHOD(Killed, "replicas that get requests are the slot's, one of a new deployment like all of it") {
  add("a", 1, "shop-blue", "42");
  add("old", 1, "shop-blue-retired-old");
  add("b", 2, "shop-blue.2");
  add("c", 2, "shop-blue.2-next", "42");
  add("d", 3, "shop-blue.3-next", "42");
  CHECK(settle({"a", "c", "d"}));
  CHECK(m_engine.names() ==
        Names{"shop-blue", "shop-blue-retired-old", "shop-blue.2", "shop-blue.2-retired-b", "shop-blue.3"});
}

TEST_CASE_METHOD(Killed, "replicas that a new deployment gave up are retired, and what is retired stays so") {
  add("a", 1, "shop-blue", "42");
  add("b", 2, "shop-blue.2");
  add("c", 3, "shop-blue.3-retired-c", "42");
  CHECK_FALSE(settle({"a"}));
  CHECK(m_engine.names() == Names{"shop-blue", "shop-blue.2-retired-b", "shop-blue.3-retired-c"});
}

TEST_CASE_METHOD(Killed, "replicas of a color that was stopped wait for its start") {
  add("a", 1, "shop-blue");
  add("b", 2, "shop-blue.2", "41", "42");
  CHECK_FALSE(settle({}));
  CHECK(m_engine.names() == Names{"shop-blue", "shop-blue.2"});
}

TEST_CASE_METHOD(Killed, "a scaling that failed when it had taken over leaves all as it was") {
  add("a", 1, "shop-blue");
  add("b", 2, "shop-blue.2-retired-b");   // it was one too many
  add("c", 3, "shop-blue.3", "41", "43"); // it was missing
  CHECK_FALSE(settle({"a", "b"}, 43));
  CHECK(m_engine.names() == Names{"shop-blue", "shop-blue.2"});
}
