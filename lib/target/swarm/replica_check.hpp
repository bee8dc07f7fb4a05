/// @file
/// ReplicaCheck: whether all tasks of a service are healthy: each is asked at its node, by the port that it has there.
#pragma once

#include "config/settings.hpp"
#include "engine/swarm.hpp"
#include "target/running.hpp"
#include "target/target.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

class ReplicaCheck {
public:
  /// `is_swarms`: Swarm itself looks, by a command in the container, and says that a task runs once it is healthy.
  ReplicaCheck(const HealthSettings& settings, bool is_swarms) : m_settings(settings), m_is_swarms(is_swarms) {}

  /// Of each of `replicas`, all at once; the first answer that is no good, or how many are healthy.
  [[nodiscard]] Probe look(const std::vector<Running>& replicas) const;

private:
  [[nodiscard]] Probe ask(const Running& replica) const;

  const HealthSettings& m_settings;
  bool m_is_swarms;
};

/// Why the first task ended that did so by itself: "replica 2 on node3 exited with 3"; nothing if none did.
[[nodiscard]] std::optional<std::string> why_ended(const std::vector<engine::Task>& tasks,
                                                   const std::map<std::string, engine::Node>& nodes);
/// What the tasks that do not run wait for or were refused for, in Swarm's words; empty if it says nothing.
[[nodiscard]] std::string why_not_running(const std::vector<engine::Task>& tasks,
                                          const std::map<std::string, engine::Node>& nodes);

} // namespace teal
