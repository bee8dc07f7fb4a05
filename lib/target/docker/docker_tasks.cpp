#include "target/docker/docker_tasks.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <random>

namespace teal {

namespace {

constexpr int k_quoted_lines = 200; ///< of what a task prints
constexpr const char* k_one_off = "-";
constexpr std::chrono::minutes k_time_to_start(1); ///< what was made to run once

} // namespace

engine::ContainerSpec DockerTasks::spec_of(const RunRequest& request, const std::vector<std::string>& command) {
  const std::string network = network_name(request.slot.app);
  m_networks.ensure(network, request.slot.labels_of_app());
  engine::ContainerSpec spec = teal::spec_of(request);
  spec.name = request.slot.current_name();
  spec.network = network;
  spec.networks = request.settings.run.networks;
  spec.command = command;
  return spec;
}

std::string DockerTasks::prepare(const RunRequest& request, const std::vector<std::string>& command, bool terminal) {
  remove_never_started(request.slot);
  engine::ContainerSpec spec = spec_of(request, command);
  spec.name += fmt::format("{}{:08x}", k_one_off, std::random_device()());
  spec.terminal = terminal;
  spec.reads_input = true;
  spec.auto_remove = true;
  return m_containers.create(spec);
}

/// Whoever made them was killed before they could start them.
void DockerTasks::remove_never_started(const Slot& task) {
  const std::string prefix = task.current_name() + k_one_off;
  for (const auto& container : m_containers.list(task.labels())) {
    if (container.status != "created" || !container.name.starts_with(prefix)) {
      continue;
    }
    const auto found = m_containers.inspect(container.id);
    if (found && found->created && SystemClock().now() - *found->created > k_time_to_start) {
      m_containers.remove(container.id);
    }
  }
}

TaskResult DockerTasks::run(const RunRequest& request, const std::vector<std::string>& command, Milliseconds patience) {
  const engine::ContainerSpec spec = spec_of(request, command);
  m_containers.remove(spec.name); // of a runner that was killed at it
  const std::string id = m_containers.create(spec);
  TaskResult result;
  try {
    m_containers.start(id);
    result.exit_code = m_containers.wait(id, patience);
    result.output = m_containers.last_log(id, k_quoted_lines);
  } catch (...) {
    try {
      m_containers.remove(id);
    } catch (const Error&) { // why it did not end counts more, and the next one removes it
    }
    throw;
  }
  m_containers.remove(id);
  return result;
}

} // namespace teal
