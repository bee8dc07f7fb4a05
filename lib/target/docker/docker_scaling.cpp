#include "target/docker/docker_scaling.hpp"

#include "core/text.hpp"
#include "target/docker/docker_target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr int k_quoted_lines_of_each = 20;

Running require_current(Services& services, const Slot& slot) {
  auto current = services.target(slot.app).current(slot);
  if (!current || !current->runs) {
    throw Error(ErrorKind::environment, fmt::format("nothing runs on {} any more", to_string(slot.color)));
  }
  return std::move(*current);
}

std::vector<int> numbers_of(const Running& current) {
  std::vector<int> numbers;
  for (const Running& one : each_of(current)) {
    numbers.push_back(one.replica);
  }
  return numbers;
}

std::vector<Slot> slots_of(const Slot& web, const std::vector<int>& numbers) {
  std::vector<Slot> slots;
  std::transform(numbers.begin(), numbers.end(), std::back_inserter(slots),
                 [&](int number) { return web.of_replica(number); });
  return slots;
}

std::string names_of(const std::vector<Slot>& slots) {
  std::vector<std::string> names;
  std::transform(slots.begin(), slots.end(), std::back_inserter(names),
                 [](const Slot& slot) { return slot.current_name(); });
  return join(names, ", ");
}

} // namespace

DockerScaling::DockerScaling(Services& services, const RolloutOrder& order)
    : m_services(services), m_order(order), m_current(require_current(services, order.slot)),
      m_settings(order.plan.settings), m_crew(services, m_coming) {
  const ReplicaChange change = change_of(numbers_of(m_current), order.deployment.replicas);
  m_coming = slots_of(order.slot, change.missing);
  m_going = slots_of(order.slot, change.surplus);
  m_settings.container_port = m_current.port != 0 ? m_current.port : k_usual_port;
}

Release DockerScaling::produce(const git::Repository& /*repository*/) {
  throw Error(ErrorKind::internal, "a scaling makes no release");
}

Release DockerScaling::obtain() {
  throw Error(ErrorKind::internal, "a scaling makes no release");
}

std::string DockerScaling::publish(const Release& /*release*/) {
  throw Error(ErrorKind::internal, "a scaling publishes nothing");
}

/// They are of the deployment that made what is there, and go with it.
std::string DockerScaling::start(const Release& release) {
  m_is_under_way = true;
  m_crew.launch({.slot = m_order.slot,
                 .release = release,
                 .settings = m_settings,
                 .env = m_order.plan.env,
                 .deployment = m_current.deployment,
                 .scaling = m_order.deployment.id});
  return m_coming.empty() ? "none is missing" : names_of(m_coming);
}

std::string DockerScaling::check() {
  return m_crew.prove(m_settings.health, {.container = {},
                                          .network = network_name(m_order.slot.app),
                                          .container_port = m_settings.container_port,
                                          .published_address = {}});
}

void DockerScaling::confirm() {
  m_crew.confirm();
}

/// What runs, but for what goes.
Running DockerScaling::successor() {
  Running all = m_current;
  std::erase_if(all.replicas, [&](const Running& one) { return one.replica > m_order.deployment.replicas; });
  const auto coming = m_crew.successors();
  all.replicas.insert(all.replicas.end(), coming.begin(), coming.end());
  std::sort(all.replicas.begin(), all.replicas.end(),
            [](const Running& one, const Running& other) { return one.replica < other.replica; });
  return all;
}

std::string DockerScaling::take_over() {
  m_crew.adopt();
  m_is_under_way = false;
  try {
    for (const Slot& slot : m_going) {
      m_services.docker.retire(slot);
    }
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

std::string DockerScaling::last_words() {
  std::string words;
  for (const Slot& slot : m_coming) {
    words += m_services.docker.containers().last_log(slot.next_name(), k_quoted_lines_of_each);
  }
  return words;
}

} // namespace teal
