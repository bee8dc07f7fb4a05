#include "deploy/rollout.hpp"

#include "core/text.hpp"
#include "deploy/address.hpp"
#include "deploy/health.hpp"
#include "deploy/preflight.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr int k_quoted_log_lines = 50;

std::string requests(std::uint64_t count) {
  return fmt::format("{} request{}", count, count == 1 ? "" : "s");
}

} // namespace

Rollout::Rollout(Services& services, LiveTraffic& traffic, const Plan& plan, const Deployment& deployment)
    : m_services(services), m_traffic(traffic), m_plan(plan), m_deployment(deployment),
      m_web(services.slot(deployment.event.app, deployment.color)), m_slots{m_web} {
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

/// A process that answers no requests is healthy as long as it runs.
void Rollout::prove_running(const Slot& slot) {
  const auto next = m_services.docker.find(slot).next;
  if (!next || !next->running) {
    throw Error(ErrorKind::environment,
                fmt::format("process '{}' {}", slot.process,
                            next ? describe_exit(m_services.docker.containers().await_cause(*next)) : "is gone"));
  }
}

std::string Rollout::take_over() {
  std::optional<FileLock> lock;
  std::string fact;
  if (m_services.router) {
    lock = m_traffic.lock();
    const Placement before = m_traffic.placement();
    Placement after = before;
    after.serving[m_web.color] = m_services.docker.find(m_web).next.value();
    if (m_deployment.follow) {
      after.live = m_web.color;
    }
    m_services.docker.withdraw(m_web);
    m_routes_before = m_traffic.routes();
    m_traffic.route(m_plan.settings, after);
    m_is_live = after.live == m_web.color;
    if (m_is_live && before.live && before.live != after.live && !m_plan.settings.deploy.keep_idle) {
      m_left = before.live;
    }
    fact = before.live != after.live && before.live
               ? fmt::format("live traffic from {} to {}", to_string(*before.live), to_string(m_web.color))
               : fmt::format("{}requests to the new container", m_is_live ? "live " : "");
  }
  for (const Slot& slot : m_slots) {
    m_services.docker.adopt(slot);
  }
  m_is_under_way = false;
  if (m_is_live) {
    m_traffic.note_live(m_web.color, m_services.docker.find(m_web).current.value(), m_deployment.event.who);
  }
  return fact;
}

std::vector<std::string> Rollout::leaving_containers() {
  std::vector<std::string> leaving;
  if (const auto retired = m_services.docker.find(m_web).retired) {
    leaving.push_back(retired->id);
  }
  if (m_left) {
    if (const auto idle = m_services.docker.find(m_services.slot(m_web.app, *m_left)).current) {
      leaving.push_back(idle->id);
    }
  }
  return leaving;
}

std::string Rollout::drain() {
  const auto leaving = leaving_containers();
  if (leaving.empty() || !m_services.router) {
    return "";
  }
  std::uint64_t left = 0;
  for (const std::string& container : leaving) {
    left += m_traffic.drain(container, m_plan.settings.deploy.drain);
  }
  return left == 0 ? "all requests to the old container have ended"
                   : fmt::format("{} to the old container still ran after {}", requests(left),
                                 format_duration(m_plan.settings.deploy.drain));
}

std::string Rollout::retire() {
  bool retired = false;
  for (const Slot& slot : m_slots) {
    retired = m_services.docker.retire(slot, m_plan.settings.deploy.stop_timeout) || retired;
  }
  m_services.docker.remove_other_processes(m_web, m_slots, m_plan.settings.deploy.stop_timeout);
  if (m_left) {
    stop_left_color();
    return fmt::format("{} is stopped (deploy.keep_idle: false)", to_string(*m_left));
  }
  return retired ? "the old container is gone" : "nothing ran before";
}

/// The router forgets it first: its address may be another container's next.
void Rollout::stop_left_color() {
  const Milliseconds patience = m_plan.settings.deploy.stop_timeout;
  const Slot web = m_services.slot(m_web.app, *m_left);
  const FileLock lock = m_traffic.lock();
  Placement placement = m_traffic.placement();
  if (placement.live == m_left) {
    return; // somebody went back meanwhile
  }
  placement.serving.erase(*m_left);
  m_traffic.route(m_plan.settings, placement);
  m_services.docker.remove_current(web, patience);
  m_services.docker.remove_other_processes(web, {}, patience);
}

std::string Rollout::undo() {
  try {
    if (m_routes_before) {
      const FileLock lock = m_traffic.lock();
      m_traffic.put_back(*m_routes_before);
    }
    for (const Slot& slot : m_slots) {
      m_services.docker.take_back(slot);
    }
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
