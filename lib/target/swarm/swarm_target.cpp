#include "target/swarm/swarm_target.hpp"

#include "core/text.hpp"
#include "target/docker/docker_target.hpp"
#include "target/docker/preflight.hpp"
#include "target/http_probe.hpp"
#include "target/services.hpp"
#include "target/swarm/replica_check.hpp"
#include "target/swarm/swarm_rollout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr Milliseconds k_pause{50};
constexpr std::chrono::seconds k_patience_with_tasks(30); ///< beyond their own time to stop

bool is_checked_by_swarm(const engine::Service& service) {
  return engine::label_of(service.labels, swarm_label::k_checked) == swarm_label::k_by_swarm;
}

void require_what_it_can_run(const AppSettings& settings) {
  const auto refuse = [&](const char* what) {
    throw Error(ErrorKind::settings, fmt::format("a target of kind swarm cannot have {}", what));
  };
  if (!settings.run.processes.empty()) {
    refuse("further processes (run.processes, or a Procfile's); run them by an app of their own");
  }
  if (settings.run.replicas > 1) {
    refuse("run.replicas: set the replicas of the target in app.yml, and: tealhook restart NAME");
  }
  if (settings.deploy.order == DeploySettings::Order::stop_first) {
    refuse("deploy.order: stop-first: Swarm starts the new tasks beside the old ones");
  }
}

void require_router(const Services& services) {
  if (!services.router) {
    throw Error(ErrorKind::settings,
                "a target of kind swarm needs a router, which sends requests to the nodes that tasks run on: tealhook "
                "setup --router haproxy, then: tealhook router up");
  }
}

} // namespace

SwarmTarget::SwarmTarget(Services& services) : m_services(services), m_slots(services.engine) {}

std::unique_ptr<Rollout> SwarmTarget::roll_out(const RolloutOrder& order) {
  require_what_it_can_run(order.plan.settings);
  return std::make_unique<SwarmRollout>(m_services, order);
}

std::vector<Error> SwarmTarget::obstacles(const Slot& slot, const AppSettings& settings) {
  std::vector<Error> found;
  const auto look = [&](const auto& require) {
    try {
      require();
    } catch (const Error& error) {
      found.push_back(error);
    }
  };
  look([&] { require_router(m_services); });
  look([&] { require_what_it_can_run(settings); });
  look([&] { m_slots.swarm().require_manager(); });
  look([&] { require_no_containers(slot); });
  look([&] { require_registry(m_services); });
  look([&] { require_free_disk(m_services); });
  return found;
}

/// The router would lose those of the other color with the first change of ours.
void SwarmTarget::require_no_containers(const Slot& slot) {
  for (const Color color : k_colors) {
    if (const auto left = m_services.docker.find_current(m_services.slot(slot.app, color))) {
      throw Error(ErrorKind::settings,
                  fmt::format("'{}' is a container of this engine, of before target was changed: make an app anew for "
                              "the Swarm, or remove it once nobody needs it: docker rm -f {}",
                              left->name, left->name));
    }
  }
}

void SwarmTarget::require_port(const Slot& /*slot*/, const std::optional<Running>& /*current*/,
                               const AppSettings& /*settings*/) {
  require_router(m_services);
}

std::optional<Running> SwarmTarget::current(const Slot& slot) {
  const auto service = m_slots.find(slot).current;
  return service ? std::optional(m_slots.running_of(*service)) : std::nullopt;
}

std::optional<Running> SwarmTarget::find(const std::string& id) {
  const auto task = m_slots.swarm().task(id);
  const auto service = m_slots.swarm().inspect(task ? task->service : id);
  if (!service || engine::label_of(service->labels, label::k_home) != m_services.home.root) {
    return std::nullopt;
  }
  Running whole = m_slots.running_of(*service);
  for (Running& one : each_of(whole)) {
    if (one.id == id) {
      return std::move(one);
    }
  }
  whole.replicas.clear(); // the task has ended, and is known for whose it was
  whole.id = id;
  whole.runs = false;
  whole.address.clear();
  return whole;
}

/// Of a Swarm that takes no orders now, nothing is known to be there.
std::vector<Running> SwarmTarget::all() try {
  const auto services = m_slots.swarm().services({{label::k_home, m_services.home.root.string()}});
  const auto nodes = services.empty() ? std::map<std::string, engine::Node>() : m_slots.swarm().nodes();
  std::vector<Running> found;
  for (const auto& service : services) {
    for (Running& one : each_of(SwarmSlots::running_of(service, m_slots.swarm().tasks(service.id), nodes))) {
      found.push_back(std::move(one));
    }
  }
  return found;
} catch (const engine::ApiError& error) {
  if (!engine::is_swarms_fault(error)) {
    throw;
  }
  return {};
}

Settled SwarmTarget::settle(const FileLock& /*app_lock*/, const Slot& slot, const FindRouted& find_routed,
                            std::int64_t failed) {
  const bool had_successor = m_slots.settle(slot, find_routed, failed);
  return {.current = current(slot), .had_successor = had_successor};
}

void SwarmTarget::retire(const Slot& slot) {
  if (const auto service = m_slots.find(slot).current) {
    m_slots.retire(*service);
  }
}

std::vector<Running> SwarmTarget::retired(const Slot& any) {
  std::vector<Running> found;
  for (const auto& service : services_of(any.app)) {
    if (engine::label_of(service.labels, swarm_label::k_role) == swarm_label::k_retired) {
      found.push_back(m_slots.running_of(service));
    }
  }
  return found;
}

/// All of the service: its replicas are retired, drained and ended together.
void SwarmTarget::end(const Running& retired, Milliseconds /*stop_timeout*/) {
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  engine::Swarm swarm(engine);
  const auto task = swarm.task(retired.id);
  swarm.remove(task ? task->service : retired.id);
}

Probe SwarmTarget::probe(const Running& running, const HealthSettings& health) {
  if (!running.runs) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is {}", running.name, running.state));
  }
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  const auto service = engine::Swarm(engine).inspect(service_of(running));
  return ReplicaCheck(health, service && is_checked_by_swarm(*service)).look({running});
}

/// Swarm may put another task in its place meanwhile: what is proven is all of its service.
void SwarmTarget::prove(const Running& running, const HealthSettings& health) {
  engine::Engine engine(m_services.engine.access(), m_services.engine.timeout()); // a connection of its own
  SwarmSlots slots(engine);
  const std::string name = service_of(running);
  static_cast<void>(await_healthy(
      {.interval = health.interval, .deadline = health.deadline, .settle = health.settle}, engine.interrupt(), [&] {
        const auto service = slots.swarm().inspect(name);
        if (!service) {
          throw Error(ErrorKind::environment, fmt::format("the service '{}' is gone", name));
        }
        const Running now = slots.running_of(*service);
        if (const auto why = why_incomplete(*service, now)) {
          return Probe{false, false, *why};
        }
        return ReplicaCheck(health, is_checked_by_swarm(*service)).look(each_of(now));
      }));
}

/// Swarm starts by itself what ends.
Revival SwarmTarget::revive(const Slot& slot, const Tell& tell) {
  Revival revival;
  const auto service = m_slots.find(slot).current;
  if (!service || service->replicas == 0) {
    return revival;
  }
  if (const auto incomplete = why_incomplete(*service, m_slots.running_of(*service))) {
    revival.is_well = false;
    const std::string why = why_not_running(m_slots.swarm().tasks(service->id), m_slots.swarm().nodes());
    tell(fmt::format("{}: {}{}; see: docker service ps {}", service->name, *incomplete, why.empty() ? "" : "; " + why,
                     service->name));
  }
  return revival;
}

void SwarmTarget::stop(const Slot& slot, Milliseconds /*stop_timeout*/) {
  if (const auto service = m_slots.find(slot).current) {
    m_slots.swarm().scale(service->id, 0);
  }
}

void SwarmTarget::start(const Slot& slot) {
  if (const auto service = m_slots.find(slot).current; service && service->replicas == 0) {
    m_slots.swarm().scale(service->id,
                          std::max(std::int64_t{1}, engine::number_in_label(service->labels, swarm_label::k_replicas)));
  }
}

std::optional<ProgramLog> SwarmTarget::program_log(const Slot& slot, const LogOrder& order) {
  const auto service = m_slots.find(slot).current;
  if (!service) {
    return std::nullopt;
  }
  std::vector<std::string> arguments{"service", "logs", "--no-trunc"};
  if (order.follow) {
    arguments.emplace_back("--follow");
  }
  if (order.since) {
    const auto since = std::chrono::floor<std::chrono::seconds>(order.since->time_since_epoch());
    arguments.push_back(fmt::format("--since={}", since.count()));
  }
  if (order.lines) {
    arguments.push_back(fmt::format("--tail={}", *order.lines));
  }
  arguments.push_back(service->id);
  return ProgramLog{.id = service->id,
                    .name = service->name,
                    .runs = m_slots.running_of(*service).runs,
                    .command = m_services.cli.command(std::move(arguments))};
}

/// Of what other nodes run, their own engines alone can tell.
Command SwarmTarget::enter(const Slot& slot, const std::vector<std::string>& command, bool terminal) {
  const auto service = m_slots.find(slot).current;
  const auto tasks = service ? m_slots.swarm().tasks(service->id) : std::vector<engine::Task>();
  const std::string node = m_slots.swarm().own_node();
  const auto here =
      std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.runs() && task.node == node; });
  if (here == tasks.end()) {
    throw Error(ErrorKind::usage,
                service
                    ? fmt::format("no replica of '{0}' runs at the engine's own node; see where, and enter it there: "
                                  "docker service ps {0}",
                                  service->name)
                    : fmt::format("nothing was deployed to {} of '{}'", to_string(slot.color), slot.app));
  }
  std::vector<std::string> arguments{"exec", "--interactive"};
  if (terminal) {
    arguments.emplace_back("--tty");
  }
  arguments.push_back(here->container);
  arguments.insert(arguments.end(), command.begin(), command.end());
  return m_services.cli.command(std::move(arguments));
}

/// Beside the Swarm: a container of the engine that runs to its end, and is attached to.
Command SwarmTarget::run_once(const OneOffOrder& order) {
  return DockerTarget(m_services).run_once(order);
}

std::vector<engine::Service> SwarmTarget::services_of(std::string_view app) {
  return m_slots.swarm().services(m_services.slot(app, Color::blue).labels_of_app());
}

std::set<std::int64_t> SwarmTarget::releases_in_use(std::string_view app) {
  std::set<std::int64_t> releases;
  for (const auto& service : services_of(app)) {
    releases.insert(engine::number_in_label(service.labels, label::k_release));
  }
  return releases;
}

/// Here and in the registry; what other nodes have pulled is theirs to prune.
void SwarmTarget::discard(const Release& release, const std::vector<Release>& others) {
  DockerTarget(m_services).discard(release, others);
}

/// Those of the engine's own node use the images that are removed next.
std::vector<std::string> SwarmTarget::remove(std::string_view app) {
  const std::string node = m_slots.swarm().own_node();
  std::vector<std::string> containers;
  for (const auto& service : services_of(app)) {
    for (const auto& task : m_slots.swarm().tasks(service.id)) {
      if (task.node == node && !task.container.empty()) {
        containers.push_back(task.container);
      }
    }
    m_slots.swarm().remove(service.id);
  }
  await_gone(containers);
  return DockerTarget(m_services).remove(app);
}

/// Swarm removes a task's container at some time after it has ended.
void SwarmTarget::await_gone(const std::vector<std::string>& containers) {
  const Stopwatch stopwatch;
  for (const std::string& container : containers) {
    while (m_services.docker.containers().inspect(container) && stopwatch.elapsed() < k_patience_with_tasks) {
      sleep_unless(m_services.engine.interrupt(), k_pause);
    }
  }
}

} // namespace teal
