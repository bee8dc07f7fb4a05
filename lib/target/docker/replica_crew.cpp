#include "target/docker/replica_crew.hpp"

#include "target/docker/docker_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>

namespace teal {

void ReplicaCrew::each(const Work& work) const {
  if (m_slots.size() == 1) {
    work(m_services.engine, m_slots.front(), 0);
    return;
  }
  std::vector<std::future<void>> all;
  for (std::size_t i = 0; i < m_slots.size(); ++i) {
    all.push_back(std::async(std::launch::async, [&, i] {
      engine::Engine engine(m_services.engine.access(), m_services.engine.timeout());
      engine.interrupt_by(m_services.engine.interrupt());
      work(engine, m_slots[i], i);
    }));
  }
  for (const auto& one : all) {
    one.wait();
  }
  for (auto& one : all) {
    one.get();
  }
}

void ReplicaCrew::launch(const RunRequest& request) const {
  if (m_slots.empty()) {
    return;
  }
  const auto addresses = m_services.docker.choose_addresses(m_slots.front(), request.deployment, m_slots.size());
  each([&](engine::Engine& engine, const Slot& slot, std::size_t index) {
    DockerSlots docker = m_services.docker.over(engine);
    docker.prepare({.slot = slot,
                    .release = request.release,
                    .settings = request.settings,
                    .env = request.env,
                    .deployment = request.deployment,
                    .publish = false,
                    .scaling = request.scaling,
                    .address = addresses.at(index)});
    docker.start_beside(slot);
  });
}

std::string ReplicaCrew::prove(const HealthSettings& health, const HealthSubject& subject) const {
  std::vector<std::string> answers(m_slots.size());
  each([&](engine::Engine& engine, const Slot& slot, std::size_t index) {
    HealthSubject own = subject;
    own.container = slot.next_name();
    if (const auto next = engine.is_local() ? std::nullopt : m_services.docker.over(engine).find_next(slot)) {
      ask_as_router(own, running_of(*next));
    }
    HealthCheck check(engine, health);
    answers[index] = m_slots.size() == 1 ? check.wait_until_healthy(own)
                                         : while_doing("checking " + slot.current_name(),
                                                       [&] { return check.wait_until_healthy(own); });
  });
  return answers.empty() ? "" : answers.front();
}

void ReplicaCrew::confirm() const {
  each([&](engine::Engine& engine, const Slot& slot, std::size_t /*index*/) {
    m_services.docker.over(engine).confirm(slot);
  });
}

void ReplicaCrew::adopt() const {
  each([&](engine::Engine& engine, const Slot& slot, std::size_t /*index*/) {
    m_services.docker.over(engine).adopt(slot);
  });
}

std::vector<Running> ReplicaCrew::successors() const {
  std::vector<Running> found;
  for (const Slot& slot : m_slots) {
    const auto next = m_services.docker.find_next(slot);
    if (!next) {
      throw Error(ErrorKind::environment, fmt::format("'{}' is gone", slot.next_name()));
    }
    found.push_back(running_of(*next));
  }
  return found;
}

ReplicaChange change_of(const std::vector<int>& present, int wanted) {
  ReplicaChange change;
  for (int number = 1; number <= wanted; ++number) {
    if (std::find(present.begin(), present.end(), number) == present.end()) {
      change.missing.push_back(number);
    }
  }
  std::copy_if(present.begin(), present.end(), std::back_inserter(change.surplus),
               [&](int number) { return number > wanted; });
  return change;
}

} // namespace teal
