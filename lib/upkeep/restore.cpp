#include "upkeep/restore.hpp"

#include "config/load.hpp"
#include "target/release_health.hpp"
#include "traffic/certificate.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/retirement.hpp"
#include "traffic/router_start.hpp"
#include "traffic/settle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <vector>

namespace teal {

namespace {

constexpr const char* k_who = "tealhook recover";
constexpr std::size_t k_at_once = 16; ///< are proven

class Restoration {
public:
  Restoration(Services& services, Store& store, const Tell& tell)
      : m_services(services), m_store(store), m_tell(tell) {}

  bool run() {
    take_apps();
    leave_what_is_empty();
    settle_apps();
    const auto live = start(true);
    start_router();
    prove_and_route(live);
    prove_and_route(start(false));
    end_retired();
    return m_is_well;
  }

private:
  /// A color that was started, and has to be proven before it is routed.
  struct Revived {
    Running running;
    HealthSettings health; ///< of its release
    Target& target;
  };

  /// At rest, and nobody else's until we are done.
  struct App {
    std::string name;
    FileLock lock;
    std::optional<Color> live;
  };

  void take_apps() {
    for (const std::string& name : list_apps(m_services.home)) {
      if (auto lock = FileLock::try_acquire(m_services.home.app(name).lock())) {
        m_apps.push_back({name, std::move(*lock), std::nullopt});
      } else {
        m_tell(fmt::format("{}: a runner is at work, and sees to it", name));
      }
    }
  }

  /// Of a home's many apps most may never have been deployed: engine and router are asked once for all of them, and not
  /// for each.
  void leave_what_is_empty() try {
    const std::set<std::string> present = apps_with_parts();
    const auto routes = routes_by_app();
    std::erase_if(m_apps, [&](const App& app) { return !present.contains(app.name) && is_empty(app.name, routes); });
  } catch (const Error&) { // is told of each app, which is asked for then
  }

  [[nodiscard]] std::set<std::string> apps_with_parts() {
    std::set<Target*> asked;
    std::set<std::string> present;
    for (const App& app : m_apps) {
      Target& target = m_services.target(app.name);
      if (asked.insert(&target).second) {
        for (const Running& running : target.all()) {
          present.insert(running.app);
        }
      }
    }
    return present;
  }

  [[nodiscard]] std::map<std::string, std::vector<route::Route>> routes_by_app() const {
    std::map<std::string, std::vector<route::Route>> routes;
    if (m_services.router) {
      for (const route::Route& route : routed_now(m_services).routes) {
        routes[route.app].push_back(route);
      }
    }
    return routes;
  }

  /// Nothing is routed there, as it should be.
  [[nodiscard]] bool is_empty(const std::string& app,
                              const std::map<std::string, std::vector<route::Route>>& routes) const try {
    if (read_shift(m_services.home.app(app))) {
      return false;
    }
    const AppSettings settings = load_app_settings(m_services.home, app);
    if (!m_services.router) {
      return true;
    }
    const auto found = routes.find(app);
    if (found == routes.end()) {
      return !was_deployed(app);
    }
    return found->second == routes_for(app, settings, tls_for(settings.route, m_services.settings.router.kind), {});
  } catch (const Error&) { // is told when the app is looked at
    return false;
  }

  /// Its ways in are open since.
  [[nodiscard]] bool was_deployed(const std::string& app) const {
    return m_store.traffic.live(app) || m_store.history.current(app, Color::blue) ||
           m_store.history.current(app, Color::green);
  }

  void settle_apps() {
    std::vector<App> settled;
    for (App& app : m_apps) {
      try_for(app.name, [&] {
        for (const Color color : k_colors) {
          settle_slot(app.lock, m_services.slot(app.name, color));
        }
        end_shift(app.name);
        app.live = LiveTraffic(m_services, m_store, app.name).live();
        settled.push_back(std::move(app));
      });
    }
    m_apps = std::move(settled);
  }

  void end_shift(const std::string& name) {
    if (!router_taken_down_by(m_services).empty()) {
      return; // once it is up again
    }
    if (const auto shift = LiveTraffic(m_services, m_store, name).end_abandoned_shift(k_who)) {
      m_tell(fmt::format("{}: {}, was left by its command, and is ended", name, describe(*shift)));
    }
  }

  void settle_slot(const FileLock& lock, const Slot& slot) {
    if (settle(lock, m_services, slot).had_successor) {
      m_tell(fmt::format("{}: what a killed runner left is cleared away", slot.current_name()));
    }
  }

  /// The colors that live traffic goes to, or all others. Where none is live, all come first.
  std::vector<Revived> start(bool live) {
    std::vector<Revived> started;
    for (const App& app : m_apps) {
      for (const Color color : k_colors) {
        if ((!app.live || app.live == color) == live) {
          try_for(app.name, [&] { start(m_services.slot(app.name, color), started); });
        }
      }
    }
    return started;
  }

  void start(const Slot& slot, std::vector<Revived>& started) {
    Target& target = m_services.target(slot.app);
    const Revival revival = target.revive(slot, m_tell);
    m_is_well = m_is_well && revival.is_well;
    for (const Running& running : revival.started) {
      m_unproven.insert(running.id);
      started.push_back(
          {running, health_of_release(m_services.home, m_store.history, slot.app, running.release), target});
    }
  }

  void prove_and_route(const std::vector<Revived>& started) {
    for (std::size_t first = 0; first < started.size(); first += k_at_once) {
      std::vector<std::future<void>> proofs;
      for (std::size_t i = first; i < std::min(first + k_at_once, started.size()); ++i) {
        const Revived& one = started[i];
        proofs.push_back(std::async(std::launch::async, [&one] { one.target.prove(one.running, one.health); }));
      }
      std::set<std::string> apps;
      for (std::size_t i = 0; i < proofs.size(); ++i) {
        const Running& running = started[first + i].running;
        try {
          proofs[i].get();
        } catch (const Error& error) {
          m_is_well = false;
          m_tell(fmt::format("{}: was started again, but {}", running.name, error.message()));
          continue;
        }
        m_unproven.erase(running.id);
        m_is_healthy[running.id] = true;
        apps.insert(running.app);
      }
      route(apps);
    }
  }

  /// With routes to what runs already and is proven.
  void start_router() {
    if (!m_services.router) {
      return;
    }
    if (!describe_predecessor(m_services).empty() && router_taken_down_by(m_services).empty()) {
      try_for("the router", [&] { m_tell(ensure_router(m_services)); }); // before anybody asks what is routed
    }
    std::set<std::string> apps;
    for (const App& app : m_apps) {
      apps.insert(app.name);
    }
    route::Changes strangers;
    try_for("the router", [&] { strangers = routes_of_strangers(); });
    route(apps, std::move(strangers));
    if (const std::string who = router_taken_down_by(m_services); !who.empty() && !m_services.router->is_running()) {
      m_tell(fmt::format("the router was taken down by {}; start it: tealhook router up", who));
      return;
    }
    try_for("the router", [&] {
      if (!ensure_router(m_services).empty()) {
        m_tell("the router was started");
      }
    });
  }

  /// What the router has of these apps is put right in one change, with `changes`.
  void route(const std::set<std::string>& apps, route::Changes changes = {}) {
    if (!m_services.router) {
      return;
    }
    std::set<std::string> known;
    std::set<std::string> differing;
    for (const std::string& app : apps) {
      try_for(app, [&] { // what is slow to answer is looked at while nobody waits for a lock
        if (LiveTraffic(m_services, m_store, app).routes() != wanted_routes(app)) {
          differing.insert(app);
        }
        known.insert(app);
      });
    }
    std::vector<FileLock> locks;
    for (const std::string& app : differing) {
      try_for(app, [&] {
        LiveTraffic traffic(m_services, m_store, app);
        FileLock lock = traffic.lock();
        if (auto wanted = wanted_routes(app); traffic.routes() != wanted) {
          changes.emplace(app, std::move(wanted));
          locks.push_back(std::move(lock));
        }
      });
    }
    tell_router(changes);
    locks.clear();
    for (const std::string& app : known) {
      try_for(app, [&] { follow_router(app); });
    }
  }

  std::vector<route::Route> wanted_routes(const std::string& app) {
    LiveTraffic traffic(m_services, m_store, app);
    Placement placement = traffic.placement();
    if (placement.serving.empty() && !was_deployed(app) && traffic.routes().empty()) {
      return {};
    }
    const auto routed = routed_containers(m_services, app);
    const auto may_serve = [&](const Running& one) {
      return !m_unproven.contains(one.id) && (routed.contains(one.id) || is_healthy(one));
    };
    for (auto& [color, running] : placement.serving) {
      std::erase_if(running.replicas, [&](const Running& one) { return !may_serve(one); });
      running.runs = running.runs && may_serve(running); // its replicas serve without it
    }
    std::erase_if(placement.serving, [](const auto& one) { return !one.second.runs && one.second.replicas.empty(); });
    const AppSettings settings = load_app_settings(m_services.home, app);
    return routes_for(app, settings, tls_for(settings.route, m_services.settings.router.kind), placement);
  }

  /// What is refused of one app must not keep the others from what they need: then each is told by itself.
  void tell_router(const route::Changes& changes) {
    if (changes.empty()) {
      return;
    }
    try {
      m_services.router->replace_all(changes);
      for (const auto& [app, routes] : changes) {
        tell_routed(app);
      }
    } catch (const Error&) {
      for (const auto& [app, routes] : changes) {
        try_for(app, [&, &app = app, &routes = routes] {
          m_services.router->replace(app, routes);
          tell_routed(app);
        });
      }
    }
  }

  void tell_routed(const std::string& app) {
    const bool is_ours = std::any_of(m_apps.begin(), m_apps.end(), [&](const App& one) { return one.name == app; });
    m_tell(is_ours ? fmt::format("{}: the router was told anew where its containers are", app)
                   : fmt::format("{}: there is no such app any more, and the router forgot it", app));
  }

  void follow_router(const std::string& app) {
    LiveTraffic traffic(m_services, m_store, app);
    const FileLock lock = traffic.lock();
    if (traffic.follow_router(k_who)) {
      m_tell(fmt::format("{}: live traffic goes to {}, as the router says", app, to_string(traffic.live().value())));
    }
  }

  /// What runs and gets no requests may be what was started by an earlier recovery, and was not healthy then. Each is
  /// looked at once.
  bool is_healthy(const Running& running) {
    if (!running.runs) {
      return false;
    }
    const auto known = m_is_healthy.find(running.id);
    if (known != m_is_healthy.end()) {
      return known->second;
    }
    const HealthSettings health = health_of_release(m_services.home, m_store.history, running.app, running.release);
    const Probe probe = m_services.target(running.app).probe(running, health);
    m_is_healthy.emplace(running.id, probe.healthy);
    if (!probe.healthy) {
      m_is_well = false;
      m_tell(fmt::format("{}: runs, but gets no requests: {}", running.name, probe.answer));
    }
    return probe.healthy;
  }

  void end_retired() {
    for (const App& app : m_apps) {
      try_for(app.name, [&] {
        if (retire_all(m_services, m_store, m_services.slot(app.name, Color::blue))) {
          m_tell(fmt::format("{}: what had been replaced was stopped and removed", app.name));
        }
      });
    }
  }

  /// None, of each app that is gone.
  route::Changes routes_of_strangers() {
    const route::RoutingTable table = routed_now(m_services);
    const auto apps = list_apps(m_services.home); // second: an app has its folder before its routes
    route::Changes changes;
    for (const route::Route& route : table.routes) {
      if (std::find(apps.begin(), apps.end(), route.app) == apps.end()) {
        changes[route.app] = {};
      }
    }
    return changes;
  }

  /// What fails is told, and the rest goes on.
  template <class Work>
  void try_for(const std::string& what, Work&& work) {
    try {
      std::forward<Work>(work)();
    } catch (const Error& error) {
      m_is_well = false;
      m_tell(fmt::format("{}: {}", what, error.message()));
    }
  }

  Services& m_services;
  Store& m_store;
  const Tell& m_tell;
  std::vector<App> m_apps;
  std::set<std::string> m_unproven;         ///< ids of what was started, and gets no requests yet
  std::map<std::string, bool> m_is_healthy; ///< by id
  bool m_is_well = true;
};

} // namespace

bool restore(Services& services, Store& store, const Tell& tell) {
  services.engine.version();
  return Restoration(services, store, tell).run();
}

} // namespace teal
