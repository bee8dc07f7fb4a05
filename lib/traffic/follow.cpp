#include "traffic/follow.hpp"

#include "target/release_health.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/router_start.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace teal {

namespace {

constexpr std::size_t k_at_once = 16; ///< are probed
constexpr unsigned k_full_weight = 100;

class Following {
public:
  Following(Services& services, Store& store, const std::string& app)
      : m_services(services), m_store(store), m_app(app), m_target(services.target(app)),
        m_traffic(services, store, app) {}

  bool run() {
    const auto before = m_traffic.routes();
    note_routed(before);
    for (Running& one : m_target.all()) {
      if (one.app == m_app && !one.address.empty()) {
        m_replicas[one.deployment].push_back(std::move(one));
      }
    }
    auto wanted = before;
    std::map<std::string, std::map<std::int64_t, unsigned>> leads; // by door: deployments, and what a server weighs
    for (const route::Route& route : before) {
      leads[route.door] = deployments_of(route);
    }
    probe(leads);
    for (route::Route& route : wanted) {
      put(route, leads[route.door]);
    }
    if (wanted == before) {
      return false;
    }
    const FileLock held = m_traffic.lock();
    if (m_traffic.routes() != before) {
      return false; // whoever moved it knows better, and the next look is soon
    }
    m_traffic.put_back(held, std::move(wanted));
    return true;
  }

private:
  void note_routed(const std::vector<route::Route>& routes) {
    for (const route::Route& route : routes) {
      for (const route::Server& server : route.servers) {
        m_routed.insert(server.container);
      }
    }
  }

  [[nodiscard]] std::optional<std::int64_t> deployment_of(const std::string& id) {
    for (const auto& [deployment, replicas] : m_replicas) {
      if (std::any_of(replicas.begin(), replicas.end(), [&](const Running& one) { return one.id == id; })) {
        return deployment;
      }
    }
    const auto ended = m_target.find(id);
    return ended && ended->app == m_app ? std::optional(ended->deployment) : std::nullopt;
  }

  /// What a route leads to; where none of its servers is known any more, what serves its color.
  [[nodiscard]] std::map<std::int64_t, unsigned> deployments_of(const route::Route& route) {
    std::map<std::int64_t, unsigned> found;
    for (const route::Server& server : route.servers) {
      if (const auto deployment = deployment_of(server.container)) {
        unsigned& weight = found[*deployment];
        weight = std::max(weight, server.weight);
      }
    }
    if (!found.empty()) {
      return found;
    }
    const auto live = m_store.traffic.live(m_app);
    const auto color =
        route.door == "live" ? (live ? std::optional(live->color) : std::nullopt) : parse_color(route.door);
    if (const auto current = color ? m_target.current(m_services.slot(m_app, *color)) : std::nullopt) {
      found.emplace(current->deployment, k_full_weight);
    }
    return found;
  }

  /// Each that some route may lead to, once.
  void probe(const std::map<std::string, std::map<std::int64_t, unsigned>>& leads) {
    std::set<std::int64_t> deployments;
    for (const auto& [door, of_door] : leads) {
      for (const auto& [deployment, weight] : of_door) {
        deployments.insert(deployment);
      }
    }
    for (const std::int64_t deployment : deployments) {
      probe(m_replicas[deployment]);
    }
  }

  void probe(const std::vector<Running>& replicas) {
    if (replicas.empty()) {
      return;
    }
    const HealthSettings health = health_of_release(m_services.home, m_store.history, m_app, replicas.front().release);
    for (std::size_t first = 0; first < replicas.size(); first += k_at_once) {
      std::vector<std::future<Probe>> probes;
      for (std::size_t i = first; i < std::min(first + k_at_once, replicas.size()); ++i) {
        const Running& one = replicas[i];
        probes.push_back(std::async(std::launch::async, [this, &one, &health] { return m_target.probe(one, health); }));
      }
      for (std::size_t i = 0; i < probes.size(); ++i) {
        const std::string& id = replicas[first + i].id;
        const Probe probe = probes[i].get();
        if (probe.healthy || (probe.answered && m_routed.contains(id))) {
          m_fit.insert(id);
        }
      }
    }
  }

  void put(route::Route& route, const std::map<std::int64_t, unsigned>& deployments) {
    std::vector<route::Server> servers;
    for (const auto& [deployment, weight] : deployments) {
      for (const Running& one : m_replicas[deployment]) {
        if (m_fit.contains(one.id)) {
          servers.push_back({one.id, one.address, one.port, weight});
        }
      }
    }
    if (!servers.empty()) {
      route.servers = std::move(servers);
      for (route::Server& server : route.servers) {
        server.has_peers = route.servers.size() > 1 && deployments.size() == 1;
      }
    }
  }

  Services& m_services;
  Store& m_store;
  const std::string& m_app;
  Target& m_target;
  LiveTraffic m_traffic;
  std::map<std::int64_t, std::vector<Running>> m_replicas; ///< that can be reached, by deployment
  std::set<std::string> m_routed;                          ///< ids of what gets requests now
  std::set<std::string> m_fit;                             ///< ids of what is to get some
};

} // namespace

bool follow_replicas(Services& services, Store& store, const std::string& app) {
  if (!services.router || !services.router->is_running()) {
    return false;
  }
  return Following(services, store, app).run();
}

} // namespace teal
