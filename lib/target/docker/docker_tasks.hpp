/// @file
/// DockerTasks: a release's container that runs a command in place of its program, once, and goes.
#pragma once

#include "core/clock.hpp"
#include "engine/containers.hpp"
#include "engine/networks.hpp"
#include "target/docker/container_spec.hpp"

#include <string>
#include <utility>
#include <vector>

namespace teal {

struct TaskResult {
  int exit_code = 0;
  std::string output; ///< the last of both streams
};

class DockerTasks {
public:
  DockerTasks(engine::Containers containers, engine::Networks networks)
      : m_containers(containers), m_networks(std::move(networks)) {}

  /// Throws Error(timeout) if it does not end within `patience`; it is removed in any case.
  TaskResult run(const RunRequest& request, const std::vector<std::string>& command, Milliseconds patience);
  /// Runs once somebody starts it; the engine removes it when it has ended. Returns its id.
  std::string prepare(const RunRequest& request, const std::vector<std::string>& command, bool terminal);

private:
  [[nodiscard]] engine::ContainerSpec spec_of(const RunRequest& request, const std::vector<std::string>& command);
  void remove_never_started(const Slot& task);

  engine::Containers m_containers;
  engine::Networks m_networks;
};

} // namespace teal
