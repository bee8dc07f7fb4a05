#include "deploy/rollout.hpp"

#include "core/text.hpp"
#include "target/docker/address.hpp"
#include "target/docker/health.hpp"
#include "target/docker/preflight.hpp"
#include "traffic/settle.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr int k_quoted_log_lines = 50;
constexpr Milliseconds k_proof{1000}; ///< how long a process that answers nothing must run to count as healthy

} // namespace

Rollout::Rollout(Services& services, LiveTraffic& traffic, const Plan& plan, const Deployment& deployment)
    : m_services(services), m_traffic(traffic), m_plan(plan), m_deployment(deployment),
      m_web(services.slot(deployment.event.app, deployment.color.value())), m_slots{m_web} {
  for (const auto& [process, arguments] : plan.settings.run.processes) {
    m_slots.push_back(m_web.of_process(process));
  }
}

std::string Rollout::start(const Release& release) {
  for (const Slot& slot : m_slots) {
    m_services.docker.prepare({.slot = slot,
                               .release = release,
                               .settings = m_plan.settings,
                               .env = m_plan.env,
                               .deployment = m_deployment.id,
                               .publish = !m_services.router});
    m_is_under_way = true;
  }
  const std::uint16_t port = m_plan.settings.ports.at(m_web.color);
  try {
    for (const Slot& slot : m_slots) {
      m_services.docker.hand_over(slot);
    }
    m_since_start = Stopwatch();
  } catch (const Error&) {
    if (!m_services.router) {
      require_port(m_services, m_web, port); // says who has it, if that was the cause
    }
    throw;
  }
  std::string fact = m_web.current_name();
  for (auto slot = m_slots.begin() + 1; slot != m_slots.end(); ++slot) {
    fact += ", " + slot->current_name();
  }
  return m_services.router ? fact : fmt::format("{} on port {}", fact, port);
}

std::string Rollout::check() {
  const AppSettings& settings = m_plan.settings;
  HealthCheck health(m_services.engine, settings.health);
  std::string answer = health.wait_until_healthy(
      {.container = m_web.next_name(),
       .network = network_name(m_web.app),
       .container_port = settings.container_port,
       .published_address = local_address(settings.bind),
       .published_port = m_services.router ? std::uint16_t{0} : settings.ports.at(m_web.color)});
  for (auto slot = m_slots.begin() + 1; slot != m_slots.end(); ++slot) {
    prove_running(*slot);
  }
  return answer;
}

/// A process that answers no requests is healthy if it has run for a while.
void Rollout::prove_running(const Slot& slot) {
  engine::Containers& containers = m_services.docker.containers();
  const Milliseconds proof = std::max(m_plan.settings.health.settle, k_proof);
  const Milliseconds left = proof - m_since_start.elapsed();
  const bool ended = left > Milliseconds(0) && containers.ends_within(slot.next_name(), left);
  const auto next = m_services.docker.find_next(slot);
  if (ended || !next || !next->running) {
    throw Error(ErrorKind::environment, fmt::format("process '{}' {}", slot.process,
                                                    next ? describe_exit(containers.await_cause(*next)) : "is gone"));
  }
}

std::string Rollout::take_over() {
  for (const Slot& slot : m_slots) {
    m_services.docker.confirm(slot);
  }
  std::string fact = m_services.router ? move_traffic() : "";
  for (const Slot& slot : m_slots) {
    m_services.docker.adopt(slot);
  }
  m_is_under_way = false;
  try {
    retire_others();
    return fact;
  } catch (const Error& error) { // it serves all the same
    return fmt::format("{}; what it leaves is not stopped: {}", fact, error.message());
  }
}

std::string Rollout::move_traffic() {
  const FileLock lock = m_traffic.lock();
  const auto called_off = m_traffic.take_back_shift(m_deployment.event.who);
  const Placement before = m_traffic.placement();
  Placement after = before;
  m_container = m_services.docker.find_next(m_web).value();
  after.serving[m_web.color] = m_container;
  if (m_deployment.destination.moves_traffic()) {
    after.live = m_web.color;
  }
  const bool moves = before.live && before.live != after.live;
  if (moves && !m_plan.settings.deploy.keep_idle) {
    m_left = before.live;
    after.serving.erase(*m_left);
  }
  m_services.docker.withdraw(m_web);
  m_routes_before = m_traffic.routes();
  m_traffic.route(m_plan.settings, after);
  m_is_live = after.live == m_web.color;
  return (moves ? fmt::format("live traffic from {} to {}", to_string(*before.live), to_string(m_web.color))
                : fmt::format("{}requests to the new container", m_is_live ? "live " : "")) +
         (called_off ? fmt::format("; {}, is called off", describe(*called_off)) : "");
}

/// Processes that the color had before, and all of a color that is not to run on.
void Rollout::retire_others() {
  for (const Slot& slot : m_services.docker.processes(m_web)) {
    if (!m_plan.settings.run.processes.contains(slot.process)) {
      m_services.docker.retire(slot);
    }
  }
  if (m_left) {
    const Slot left = m_services.slot(m_web.app, *m_left);
    for (const Slot& slot : m_services.docker.processes(left)) {
      m_services.docker.retire(slot);
    }
    m_services.docker.retire(left);
  }
}

std::string Rollout::undo() {
  try {
    if (m_routes_before) {
      const FileLock lock = m_traffic.lock();
      m_traffic.put_back(*m_routes_before);
    }
    settle(m_services, m_web, m_deployment.id);
    return "";
  } catch (const Error& error) {
    return fmt::format("; putting back what ran failed: {}", error.message());
  }
}

std::string Rollout::last_words() {
  std::string words;
  for (const Slot& slot : m_slots) {
    words += m_services.docker.containers().last_log(slot.next_name(), k_quoted_log_lines);
  }
  return words;
}

} // namespace teal
