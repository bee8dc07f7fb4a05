#include "report/status.hpp"

#include "config/load.hpp"
#include "core/text.hpp"
#include "report/json.hpp"
#include "target/docker/docker_target.hpp"
#include "target/release_health.hpp"
#include "traffic/live_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <future>
#include <map>
#include <set>

namespace teal {

namespace {

namespace json = boost::json;

constexpr std::size_t k_at_once = 16; ///< are probed
constexpr const char* k_healthy = "healthy";

/// A slot whose program, or one of whose replicas, is to be asked whether it is healthy.
struct Candidate {
  SlotStatus* status;
  int replica;
  Target& target;
  Running running;
  HealthSettings health; ///< of its release
};

/// The answer of the first that is not healthy; where all are, and something is not well, that.
std::string describe_health(const SlotStatus& status) {
  const bool is_one = std::count_if(status.processes.begin(), status.processes.end(),
                                    [](const ProcessStatus& one) { return one.name.empty(); }) == 1;
  for (const ProcessStatus& process : status.processes) {
    if (process.name.empty() && process.health != k_healthy) {
      const std::string answer = process.lives.running ? process.health : describe_briefly(process.lives);
      return is_one ? answer : fmt::format("replica {}: {}", process.replica, answer);
    }
  }
  std::string health = k_healthy;
  for (const ProcessStatus& process : status.processes) {
    const std::string trouble = describe_briefly(process.lives);
    const std::string name = !process.name.empty() ? process.name
                             : is_one              ? "it"
                                                   : fmt::format("replica {}", process.replica);
    health += trouble.empty() ? "" : fmt::format("{} {} {}", health == k_healthy ? ", but" : " and", name, trouble);
  }
  return health;
}

std::int64_t replicas_of(const AppSettings& settings) {
  const auto target = settings.targets.find(settings.target);
  return target != settings.targets.end() && target->second.kind == TargetSettings::Kind::swarm
             ? target->second.swarm.replicas
             : settings.run.replicas;
}

class Look {
public:
  Look(Services& services, Store& store, const std::optional<std::string>& only)
      : m_services(services), m_store(store), m_only(only) {}

  HomeStatus take() {
    for (const std::string& app : m_only ? std::vector{*m_only} : list_apps(m_services.home)) {
      m_found.apps.push_back(look_at_store(app));
    }
    look_at_router();
    look_at_engine();
    return std::move(m_found);
  }

private:
  AppStatus look_at_store(const std::string& app) {
    AppStatus status{.name = app,
                     .slots = {},
                     .targets = {},
                     .live = {},
                     .moves = m_store.traffic.history(app, 2),
                     .freeze = m_store.traffic.freeze(app),
                     .pause = m_store.queue.find_pause(app),
                     .fault = {}};
    std::optional<AppSettings> settings;
    try {
      settings = load_app_settings(m_services.home, app);
    } catch (const Error& error) {
      status.fault = error;
    }
    for (const Color color : k_colors) {
      SlotStatus slot{.slot = m_services.slot(app, color)};
      slot.state = "unknown";
      if (settings) {
        slot.port = settings->ports.at(color);
        slot.replicas = replicas_of(*settings);
      }
      slot.latest = m_store.history.latest(app, color);
      slot.current = slot.latest && is_success(slot.latest->status) ? std::exchange(slot.latest, std::nullopt)
                                                                    : m_store.history.current(app, color);
      status.slots.push_back(std::move(slot));
    }
    for (const auto& [name, target] : settings ? settings->targets : std::map<std::string, TargetSettings>()) {
      if (!target.has_colors()) {
        status.targets.push_back(look_at_target(app, name));
      }
    }
    return status;
  }

  [[nodiscard]] TargetStatus look_at_target(const std::string& app, const std::string& name) const {
    const Destination target = Destination::parse(name).value();
    TargetStatus status{
        .name = name, .state = "empty", .current = {}, .latest = m_store.history.latest_at(app, target)};
    status.current = status.latest && is_success(status.latest->status) ? std::exchange(status.latest, std::nullopt)
                                                                        : m_store.history.current_at(app, target);
    status.state = status.current ? "live" : "empty";
    return status;
  }

  /// Which containers of each app get live traffic.
  void look_at_router() try {
    if (!m_services.router) {
      return;
    }
    std::map<std::string, std::vector<route::Route>> routes;
    for (route::Route& route : m_services.router->table().routes) {
      routes[route.app].push_back(std::move(route));
    }
    for (const auto& [app, of_app] : routes) {
      m_live.emplace(app, live_ids_of(of_app));
    }
  } catch (const Error&) { // the store knows, too
  }

  void look_at_engine() {
    try {
      engine::Labels labels{{label::k_home, m_services.home.root.string()}};
      if (m_only) {
        labels.emplace(label::k_app, *m_only);
      }
      // All of the engine's, for the name of one of ours may be another's.
      for (auto& container : m_services.docker.containers().list(m_only ? labels : engine::Labels())) {
        m_containers.emplace(container.name, std::move(container));
      }
    } catch (const Error& error) {
      m_found.engine = error;
    }
    for (AppStatus& app : m_found.apps) {
      decide_live(app);
      for (SlotStatus& slot : app.slots) {
        slot.live = app.live == slot.slot.color;
        look_at_slot(slot);
      }
    }
    probe();
  }

  void decide_live(AppStatus& app) const {
    if (!m_services.router) {
      return;
    }
    std::set<Color> getting; // two, while traffic is shifted
    const auto ids = m_live.find(app.name);
    for (const auto& [name, container] : m_containers) {
      const bool gets =
          ids != m_live.end() && std::find(ids->second.begin(), ids->second.end(), container.id) != ids->second.end();
      const auto color = parse_color(engine::label_of(container.labels, label::k_color));
      if (gets && color && engine::label_of(container.labels, label::k_app) == app.name) {
        getting.insert(*color);
      }
    }
    if (getting.size() == 1) {
      app.live = *getting.begin();
    }
    if (!m_services.runs_in_containers(app.name)) {
      app.live = live_of(app.name);
    }
    if (!app.live && !app.moves.empty()) {
      app.live = app.moves.front().color;
    }
  }

  std::optional<Color> live_of(const std::string& app) const try {
    return m_found.engine ? std::nullopt : LiveTraffic(m_services, m_store, app).live();
  } catch (const Error&) { // the store knows, too
    return std::nullopt;
  }

  /// Of colors that are no containers of the engine.
  void look_at_replicas(SlotStatus& status) {
    Target& target = m_services.target(status.slot.app);
    const auto current = target.current(status.slot);
    status.state = current ? current->state : "empty";
    for (const Running& one : current ? each_of(*current) : std::vector<Running>()) {
      status.processes.push_back({.name = {},
                                  .container = one.name,
                                  .lives = {.state = one.state, .running = one.runs, .since = {}, .last_exit = {}},
                                  .replica = one.replica});
      if (one.runs && status.port) {
        auto health = health_of_release(m_services.home, m_store.history, one.app, one.release);
        m_candidates.push_back({&status, one.replica, target, one, std::move(health)});
      }
    }
  }

  void look_at_slot(SlotStatus& status) {
    if (m_found.engine) {
      return;
    }
    try {
      const Slot& slot = status.slot;
      if (!m_services.runs_in_containers(slot.app)) {
        look_at_replicas(status);
        return;
      }
      const bool may_be_there = m_only || m_containers.contains(slot.current_name());
      const auto current = may_be_there ? m_services.docker.find_current(slot) : std::nullopt;
      status.state = current ? current->status : "empty";
      if (current) {
        add_process(status, slot, *current);
      }
      look_at_others(status);
    } catch (const Error& error) {
      note_fault(status, error);
    }
  }

  void look_at_others(SlotStatus& status) {
    const std::string prefix = status.slot.current_name() + ".";
    for (auto at = m_containers.lower_bound(prefix); at != m_containers.end() && at->first.starts_with(prefix); ++at) {
      const auto replica = parse_integer(engine::label_of(at->second.labels, label::k_replica));
      const Slot slot = replica ? status.slot.of_replica(static_cast<int>(*replica))
                                : status.slot.of_process(engine::label_of(at->second.labels, label::k_process));
      if (slot.process == k_task_process || at->first != slot.current_name()) {
        continue;
      }
      if (const auto found = m_services.docker.find_current(slot)) {
        add_process(status, slot, *found);
      }
    }
    std::stable_sort(status.processes.begin(), status.processes.end(), // ".10" is before ".2" by name
                     [](const ProcessStatus& one, const ProcessStatus& other) { return one.replica < other.replica; });
  }

  void add_process(SlotStatus& status, const Slot& slot, const engine::Container& container) {
    status.processes.push_back({.name = slot.process,
                                .container = container.name,
                                .lives = lives_of(m_services.docker.containers(), container),
                                .replica = slot.replica});
    if (slot.process.empty() && container.running && status.port) {
      Running running = running_of(container);
      auto health = health_of_release(m_services.home, m_store.history, slot.app, running.release);
      m_candidates.push_back(
          {&status, slot.replica, m_services.target(slot.app), std::move(running), std::move(health)});
    }
  }

  /// An engine that lets us wait once is not asked again.
  void note_fault(SlotStatus& status, const Error& error) {
    if (error.kind() == ErrorKind::timeout) {
      m_found.engine = error;
    } else {
      status.fault = error;
    }
  }

  void probe() {
    for (std::size_t first = 0; first < m_candidates.size(); first += k_at_once) {
      const std::size_t end = std::min(first + k_at_once, m_candidates.size());
      std::vector<std::future<Probe>> probes;
      for (std::size_t i = first; i < end; ++i) {
        const Candidate& one = m_candidates[i];
        probes.push_back(std::async(std::launch::async, [&one] { return one.target.probe(one.running, one.health); }));
      }
      for (std::size_t i = first; i < end; ++i) {
        ProcessStatus& asked = replica_of(*m_candidates[i].status, m_candidates[i].replica);
        try {
          const Probe probe = probes[i - first].get();
          asked.health = probe.healthy ? k_healthy : probe.answer;
        } catch (const Error& error) { // it ended meanwhile, or its engine does not answer
          asked.health = error.message();
        }
      }
    }
    for (const Candidate& one : m_candidates) {
      one.status->health = describe_health(*one.status);
    }
  }

  static ProcessStatus& replica_of(SlotStatus& status, int number) {
    return *std::find_if(status.processes.begin(), status.processes.end(),
                         [&](const ProcessStatus& one) { return one.name.empty() && one.replica == number; });
  }

  Services& m_services;
  Store& m_store;
  const std::optional<std::string>& m_only;
  HomeStatus m_found;
  std::map<std::string, std::vector<std::string>> m_live;       ///< the containers that get an app's live traffic
  std::map<std::string, engine::ContainerSummary> m_containers; ///< by name
  std::vector<Candidate> m_candidates;                          ///< point into m_found
};

json::object to_json(const Lives& lives) {
  json::value last = nullptr;
  if (lives.last_exit) {
    last = {{"code", lives.last_exit->code ? json::value(*lives.last_exit->code) : json::value(nullptr)},
            {"cause", to_text(lives.last_exit->cause)},
            {"at", time_or_null(lives.last_exit->at)}};
  }
  return {{"state", lives.state},
          {"restarts", lives.restarts},
          {"since", time_or_null(lives.since)},
          {"last_exit", std::move(last)}};
}

json::value deployment_or_null(const std::optional<Deployment>& one) {
  return one ? json::value(teal::to_json(*one)) : json::value(nullptr);
}

json::object to_json(const AppStatus& app, const TargetStatus& status) {
  return {{"app", app.name},
          {"target", status.name},
          {"color", nullptr},
          {"state", status.state},
          {"frozen", app.freeze ? json::value(teal::to_json(*app.freeze)) : json::value(nullptr)},
          {"current", deployment_or_null(status.current)},
          {"newer", deployment_or_null(status.latest)},
          {"error", app.fault ? json::value(teal::to_json(*app.fault)) : json::value(nullptr)}};
}

json::object to_json(const AppStatus& app, const SlotStatus& status, const std::optional<Error>& engine) {
  json::object shown{{"app", app.name},
                     {"color", to_string(status.slot.color)},
                     {"port", status.port ? json::value(*status.port) : json::value(nullptr)},
                     {"container", status.slot.current_name()},
                     {"state", status.state}};
  Lives web{.state = status.state, .since = {}, .last_exit = {}};
  json::array processes;
  json::array replicas;
  for (const ProcessStatus& process : status.processes) {
    json::object one = to_json(process.lives);
    if (process.name.empty()) {
      web = process.replica == 1 ? process.lives : web;
      one["number"] = process.replica;
      one["container"] = process.container;
      one["health"] = text_or_null(process.health);
      replicas.push_back(std::move(one));
    } else {
      one["name"] = process.name;
      processes.push_back(std::move(one));
    }
  }
  for (auto& [name, value] : to_json(web)) {
    shown[name] = std::move(value);
  }
  const auto& fault = engine ? engine : status.fault ? status.fault : app.fault;
  shown["processes"] = std::move(processes);
  shown["replicas"] = std::move(replicas);
  shown["replicas_wanted"] = status.port ? json::value(status.replicas) : json::value(nullptr);
  shown["health"] = text_or_null(status.health);
  shown["live"] = status.live;
  shown["frozen"] = app.freeze ? json::value(teal::to_json(*app.freeze)) : json::value(nullptr);
  shown["paused"] = app.pause ? json::value(teal::to_json(*app.pause)) : json::value(nullptr);
  shown["current"] = deployment_or_null(status.current);
  shown["newer"] = deployment_or_null(status.latest);
  shown["error"] = fault ? json::value(teal::to_json(*fault)) : json::value(nullptr);
  return shown;
}

} // namespace

std::vector<Error> HomeStatus::faults() const {
  std::vector<Error> all;
  if (engine) {
    all.push_back(*engine);
  }
  for (const AppStatus& app : apps) {
    for (const SlotStatus& slot : app.slots) {
      if (slot.fault) {
        all.push_back(*slot.fault);
      }
    }
  }
  for (const AppStatus& app : apps) {
    if (app.fault) {
      all.push_back(*app.fault);
    }
  }
  return all;
}

HomeStatus status_of(Services& services, Store& store, const std::optional<std::string>& only) {
  return Look(services, store, only).take();
}

json::array to_json(const HomeStatus& status) {
  json::array list;
  for (const AppStatus& app : status.apps) {
    for (const SlotStatus& slot : app.slots) {
      list.push_back(to_json(app, slot, status.engine));
    }
    for (const TargetStatus& target : app.targets) {
      list.push_back(to_json(app, target));
    }
  }
  return list;
}

} // namespace teal
