// A router kept where a Swarm's tasks are, which the test moves.
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/scripted_router.hpp"
#include "support/temp_folder.hpp"
#include "target/swarm/swarm_slots.hpp"
#include "traffic/follow.hpp"
#include "unit/target/swarm/scripted_swarm.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

using Ids = std::vector<std::string>;

class FollowTest {
protected:
  FollowTest() {
    std::filesystem::create_directories(m_home.app("shop").root);
    write_file(m_home.settings(), fmt::format("engine: {{host: '{}'}}\nrouter: {{kind: haproxy}}\n", m_swarm.host()));
    write_file(m_home.app("shop").settings(), "colors: {blue: {port: 50101}, green: {port: 50100}}\n"
                                              "route: {port: 50102}\nhealth: {kind: tcp}\ntarget: cluster\n"
                                              "targets: {cluster: {kind: swarm, replicas: 3}}\n");
    m_swarm.publish(m_listener.port());
    m_services = std::make_unique<Services>(
        m_home, clean_environment(),
        Kinds{.router = [routes = m_routes](const auto&, const auto&, const auto&) -> std::unique_ptr<route::Router> {
          return std::make_unique<ScriptedRouter>(routes);
        }});
    m_routes->is_running = true;
  }

  void make(std::int64_t deployment, const char* role) {
    engine::ServiceSpec spec;
    const Slot slot{m_home.root.string(), "shop", Color::blue, {}};
    spec.name = service_name(slot, deployment);
    spec.labels = slot.labels();
    spec.labels[label::k_deployment] = std::to_string(deployment);
    spec.labels[swarm_label::k_role] = role;
    spec.replicas = 3; // the second is at a node where nobody answers
    static_cast<void>(engine::Swarm(m_services->engine).create(spec, ""));
  }
  void route_to(const Ids& ids) {
    route::Route route{
        .app = "shop", .door = "blue", .bind = "0.0.0.0", .port = 50101, .hosts = {}, .tls = {}, .servers = {}};
    for (const std::string& id : ids) {
      route.servers.push_back({id, "127.0.0.1", m_listener.port(), 100});
    }
    m_routes->table = {{route}};
  }
  bool follow() { return follow_replicas(*m_services, m_store, "shop"); }
  [[nodiscard]] Ids routed() const { return m_routes->behind("shop", "blue"); }

  TempFolder m_folder;
  Home m_home{m_folder.path() / "home"};
  SystemClock m_clock;
  ScriptedSwarm m_swarm;
  Listener m_listener; ///< of the first node
  std::shared_ptr<ScriptedRoutes> m_routes = std::make_shared<ScriptedRoutes>();
  std::unique_ptr<Services> m_services;
  Store m_store{(std::filesystem::create_directories(m_home.root), m_home.store()), m_clock};
};

} // namespace

TEST_CASE_METHOD(FollowTest, "a replica that came gets requests and one that cannot be reached gets no more") {
  make(41, swarm_label::k_current);
  route_to({"s1t1", "s1t2"});
  CHECK(follow());
  CHECK(routed() == Ids{"s1t1", "s1t3"});
  CHECK(m_routes->of("shop").at(0).servers.at(0).has_peers);
  CHECK_FALSE(follow());
}

TEST_CASE_METHOD(FollowTest, "the last replicas are not given up for nobody") {
  make(41, swarm_label::k_current);
  m_swarm.lose_node("n1");
  route_to({"s1t1", "s1t3"});
  CHECK_FALSE(follow());
  CHECK(routed() == Ids{"s1t1", "s1t3"});
}

TEST_CASE_METHOD(FollowTest, "whose requests a way in gets is not changed whatever its color runs by now") {
  make(41, swarm_label::k_retired);
  make(42, swarm_label::k_current);
  route_to({"s1t1"});
  CHECK(follow());
  CHECK(routed() == Ids{"s1t1", "s1t3"});
}

TEST_CASE_METHOD(FollowTest, "a way in to what nobody knows any more leads to what serves its color") {
  make(42, swarm_label::k_current);
  route_to({"gone"});
  CHECK(follow());
  CHECK(routed() == Ids{"s1t1", "s1t3"});
}

TEST_CASE_METHOD(FollowTest, "a Swarm that takes no orders keeps the requests that it gets") {
  make(41, swarm_label::k_current);
  route_to({"s1t1"});
  m_swarm.lose_leader();
  CHECK_THROWS(follow());
  CHECK(routed() == Ids{"s1t1"});
}

TEST_CASE_METHOD(FollowTest, "nobody is told where no router runs") {
  make(41, swarm_label::k_current);
  route_to({"s1t1"});
  m_routes->is_running = false;
  CHECK_FALSE(follow());
}
