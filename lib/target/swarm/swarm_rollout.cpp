#include "target/swarm/swarm_rollout.hpp"

#include "core/text.hpp"
#include "target/docker/artifact.hpp"
#include "target/http_probe.hpp"
#include "target/swarm/replica_check.hpp"
#include "target/variables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr int k_quoted_log_lines = 50;
constexpr Milliseconds k_pause{100}; ///< Swarm tells nobody what becomes of tasks
constexpr Milliseconds k_shortest_interval{1000};
constexpr std::int64_t k_most_refusals = 3; ///< of each replica, while none runs

std::map<std::string, std::string> environment_of(const RolloutOrder& order, const Release& release,
                                                  std::uint16_t port) {
  std::map<std::string, std::string> env = order.plan.env;
  env.merge(variables_of(order.slot, release));
  env.emplace("PORT", std::to_string(port));
  return env;
}

bool is_being_fetched(const std::vector<engine::Task>& tasks) {
  return std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.state == "preparing"; });
}

std::int64_t count(const std::vector<engine::Task>& tasks, const char* state) {
  return std::count_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.state == state; });
}

} // namespace

SwarmRollout::SwarmRollout(Services& services, const RolloutOrder& order)
    : m_services(services), m_order(order), m_settings(order.plan.settings),
      m_swarm_settings(m_settings.targets.at(m_settings.target).swarm), m_image(services, order),
      m_slots(services.engine) {}

std::string SwarmRollout::publish(const Release& release) {
  m_artifact = m_image.publish(release);
  return m_artifact;
}

engine::ServiceSpec SwarmRollout::spec_for(const Release& release, const std::string& artifact) {
  const bool is_ours = m_settings.health.kind == HealthSettings::Kind::command;
  const auto image = m_services.images.inspect(docker::reference_of(release));
  m_is_checked_by_swarm = is_ours || (!m_settings.health.is_told && image && image->has_health_check);
  engine::Labels labels = m_order.slot.labels();
  labels[label::k_commit] = release.commit;
  labels[label::k_release] = std::to_string(release.id);
  labels[label::k_deployment] = std::to_string(m_order.deployment.id);
  labels[label::k_port] = std::to_string(m_image.container_port());
  labels[swarm_label::k_role] = swarm_label::k_next;
  labels[swarm_label::k_replicas] = std::to_string(m_swarm_settings.replicas);
  labels[swarm_label::k_checked] = m_is_checked_by_swarm ? swarm_label::k_by_swarm : "";
  return {.name = service_name(m_order.slot, m_order.deployment.id),
          .image = artifact,
          .env = environment_of(m_order, release, m_image.container_port()),
          .labels = std::move(labels),
          .container_labels = label::blank(), // it is Swarm's, and no label of its image makes it one of our own
          .replicas = m_swarm_settings.replicas,
          .port = m_image.container_port(),
          .constraints = m_swarm_settings.constraints,
          .networks = m_settings.run.networks,
          .volumes = m_settings.run.volumes,
          .memory = m_settings.run.memory,
          .cpus = m_settings.run.cpus,
          .arguments = m_settings.run.args,
          .command = m_settings.run.web,
          .stop_timeout = m_settings.deploy.stop_timeout,
          .health = {.command = is_ours ? m_settings.health.command : std::vector<std::string>(),
                     .interval = std::max(m_settings.health.interval, k_shortest_interval),
                     .timeout = m_settings.health.timeout,
                     .patience = m_settings.health.deadline}};
}

/// Nodes pull the image from the registry, so it must be there.
std::string SwarmRollout::start(const Release& release) {
  m_order.await_published();
  const std::string artifact = m_artifact.empty() ? release.artifact : m_artifact;
  if (artifact.empty()) {
    throw Error(ErrorKind::environment,
                fmt::format("release {} is not in the registry, which nodes pull from", release.id));
  }
  const engine::ServiceSpec spec = spec_for(release, artifact);
  m_is_under_way = true;
  const std::string id = m_slots.swarm().create(spec, m_services.registry_login());
  await_running(id);
  return fmt::format("{}, {} replica{}", spec.name, spec.replicas, spec.replicas == 1 ? "" : "s");
}

/// A node that cannot run one is another one's turn: Swarm tries that by itself. What it takes to pull the image is not
/// the program's time.
void SwarmRollout::await_running(const std::string& service) {
  const Stopwatch since_made;
  Stopwatch since_fetched;
  for (;;) {
    m_services.engine.require_uninterrupted();
    const auto tasks = m_slots.swarm().tasks(service);
    require_none_ended(tasks);
    const auto running = std::count_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.runs(); });
    if (running >= m_swarm_settings.replicas) {
      return;
    }
    if (is_being_fetched(tasks)) {
      since_fetched = Stopwatch();
    }
    const bool is_refused = running == 0 && count(tasks, "rejected") >= k_most_refusals * m_swarm_settings.replicas;
    if (is_refused || since_fetched.elapsed() > m_settings.health.deadline ||
        since_made.elapsed() > m_settings.deploy.build_deadline) {
      const std::string why = why_not_running(tasks, m_slots.swarm().nodes());
      const bool is_image = why.find("No such image") != std::string::npos;
      throw Error(is_refused ? ErrorKind::environment : ErrorKind::timeout,
                  fmt::format("{} of {} replicas run{}{}{}", running, m_swarm_settings.replicas,
                              why.empty() ? "" : "; ", why,
                              is_image ? fmt::format(": each node must reach the registry at '{}', and be let in",
                                                     m_services.settings.registry.address)
                                       : ""));
    }
    sleep_unless(m_services.engine.interrupt(), k_pause);
  }
}

void SwarmRollout::require_none_ended(const std::vector<engine::Task>& tasks) {
  const bool has_ended = count(tasks, "failed") + count(tasks, "complete") > 0;
  if (has_ended) {
    throw Error(ErrorKind::environment, why_ended(tasks, m_slots.swarm().nodes()).value_or("a replica has ended"));
  }
}

/// Swarm decides whether they run, and whether the service is still what was asked for.
Probe SwarmRollout::look() {
  const auto next = m_slots.find(m_order.slot).next;
  if (!next) {
    throw Error(ErrorKind::environment, "the service is gone: somebody removed it");
  }
  if (next->update.starts_with("rollback") || next->update == "paused") {
    throw Error(ErrorKind::environment, fmt::format("Swarm says that the service's update came to '{}': {}",
                                                    next->update, next->update_message));
  }
  const auto tasks = m_slots.swarm().tasks(next->id);
  require_none_ended(tasks);
  const Running running = SwarmSlots::running_of(*next, tasks, m_slots.swarm().nodes());
  if (const auto why = why_incomplete(*next, running)) {
    return {false, false, *why};
  }
  return ReplicaCheck(m_settings.health, m_is_checked_by_swarm).look(each_of(running));
}

std::string SwarmRollout::check() {
  const HealthSettings& health = m_settings.health;
  return await_healthy({.interval = health.interval, .deadline = health.deadline, .settle = health.settle},
                       m_services.engine.interrupt(), [this] { return look(); });
}

Running SwarmRollout::successor() {
  return m_slots.running_of(m_slots.find(m_order.slot).next.value());
}

std::string SwarmRollout::take_over() {
  m_slots.adopt(m_order.slot);
  m_is_under_way = false;
  return "";
}

std::string SwarmRollout::last_words() {
  const auto next = m_slots.find(m_order.slot).next;
  return next ? m_slots.swarm().last_log(next->id, k_quoted_log_lines) : "";
}

} // namespace teal
