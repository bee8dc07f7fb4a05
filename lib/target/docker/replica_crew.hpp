/// @file
/// ReplicaCrew: what is done to several of a color's containers is done to all of them side by side.
#pragma once

#include "target/docker/docker_slots.hpp"
#include "target/docker/health.hpp"
#include "target/services.hpp"

#include <functional>
#include <string>
#include <vector>

namespace teal {

class ReplicaCrew {
public:
  /// Both must outlive it. What is asked for once it is interrupted, as `services` are, is waited for no longer.
  ReplicaCrew(Services& services, const std::vector<Slot>& slots) : m_services(services), m_slots(slots) {}

  /// Of several threads: each has an engine of its own. Returns once all have ended; then throws what the first of the
  /// slots that failed threw.
  using Work = std::function<void(engine::Engine& engine, const Slot& slot, std::size_t index)>;
  void each(const Work& work) const;

  /// Made by `request`, with the slot and an address of its own in place of the request's, and started.
  void launch(const RunRequest& request) const;
  /// Waits until each next container is healthy. Returns the answer of the first.
  [[nodiscard]] std::string prove(const HealthSettings& health, const HealthSubject& subject) const;
  void confirm() const;
  void adopt() const;
  /// As they are called now.
  [[nodiscard]] std::vector<Running> successors() const;

private:
  Services& m_services;
  const std::vector<Slot>& m_slots;
};

/// Numbers of the replicas from 1 to `wanted` that `present` has not, and of those beyond.
struct ReplicaChange {
  std::vector<int> missing;
  std::vector<int> surplus;
};
[[nodiscard]] ReplicaChange change_of(const std::vector<int>& present, int wanted);

} // namespace teal
