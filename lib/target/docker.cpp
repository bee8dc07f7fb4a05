#include "target/docker.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/signals.hpp"
#include "process/socket_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>

namespace teal {

namespace {

constexpr int k_quoted_lines = 200; ///< of what a task prints

/// A process that does not handle the stop signal would only be waited for in vain.
bool would_ignore_stop(const engine::Container& container) {
  const int signal = parse_signal(container.stop_signal).value_or(SIGTERM);
  return is_process_of_this_host(container) && handles_signal(container.pid, signal) == false;
}

engine::Labels labels_of(const RunRequest& request) {
  engine::Labels labels = request.slot.labels();
  labels[label::k_commit] = request.release.commit;
  labels[label::k_release] = std::to_string(request.release.id);
  labels[label::k_deployment] = std::to_string(request.deployment);
  labels[label::k_port] = std::to_string(request.settings.container_port);
  labels[label::k_networks] = join(request.settings.run.networks, ",");
  return labels;
}

/// What the program is told about itself; the settings may overrule it.
std::map<std::string, std::string> environment_of(const RunRequest& request) {
  std::map<std::string, std::string> env = request.env;
  env.insert({{"PORT", std::to_string(request.settings.container_port)},
              {"TEALHOOK_APP", request.slot.app},
              {"TEALHOOK_COLOR", std::string(to_string(request.slot.color))},
              {"TEALHOOK_COMMIT", request.release.commit},
              {"TEALHOOK_RELEASE", std::to_string(request.release.id)}});
  return env;
}

/// What all containers of a release have in common.
engine::ContainerSpec spec_of(const RunRequest& request) {
  const AppSettings& settings = request.settings;
  return {
      .image = request.release.image(),
      .env = environment_of(request),
      .labels = labels_of(request),
      .volumes = settings.run.volumes,
      .memory = settings.run.memory,
      .cpus = settings.run.cpus,
      .arguments = settings.run.args,
      .stop_timeout = settings.deploy.stop_timeout,
      .restart = "no", // until it is adopted: a program that fails is looked at as it ended, not in its next life
  };
}

/// Somebody may be knocking at the port of a container that runs; and what the new one does must be seen from here.
bool can_start_unpublished(const SlotContainers& found) {
  return found.current_has_port() && found.current->running && is_process_of_this_host(*found.current);
}

engine::Labels network_labels(const Slot& slot) {
  return {{label::k_home, slot.home}, {label::k_app, slot.app}};
}

} // namespace

bool is_process_of_this_host(const engine::Container& container) {
  try {
    return container.pid > 0 &&
           read_file(fmt::format("/proc/{}/cgroup", container.pid)).find(container.id) != std::string::npos;
  } catch (const Error&) {
    return false;
  }
}

std::optional<engine::Container> DockerTarget::find_ours(const Slot& slot, const std::string& name) {
  auto container = m_containers.inspect(name);
  if (container && !engine::has_labels(container->labels, slot.labels())) {
    throw Error(
        ErrorKind::environment,
        fmt::format("a container '{}' is there that this home did not make; rename it or remove it: docker rm -f {}",
                    name, name));
  }
  return container;
}

SlotContainers DockerTarget::find(const Slot& slot) {
  return {slot, find_ours(slot, slot.current_name()), find_ours(slot, slot.next_name()),
          find_ours(slot, slot.retired_name())};
}

std::optional<engine::Container> DockerTarget::find_current(const Slot& slot) {
  return find_ours(slot, slot.current_name());
}

std::string DockerTarget::prepare(const RunRequest& request) {
  const AppSettings& settings = request.settings;
  const bool is_web = request.slot.process.empty();
  const bool unpublished = is_web && request.publish && can_start_unpublished(find(request.slot));
  const std::string network = network_name(request.slot.app);
  m_networks.ensure(network, network_labels(request.slot));
  const std::string starting = starting_network_name(request.slot.app);
  if (unpublished) {
    m_networks.ensure(starting, network_labels(request.slot), engine::Networks::Reach::internal);
  }
  engine::ContainerSpec spec = spec_of(request);
  spec.name = request.slot.next_name();
  spec.network = unpublished ? starting : network;
  spec.networks = unpublished ? std::vector<std::string>() : settings.run.networks;
  spec.alias = request.slot.current_name();
  if (!is_web) {
    spec.command = settings.run.processes.at(request.slot.process);
  } else if (request.publish) {
    spec.ports = {{settings.bind, settings.ports.at(request.slot.color), settings.container_port}};
  } else {
    spec.address = choose_address(request.slot, request.deployment);
  }
  return m_containers.create(spec);
}

TaskResult DockerTarget::run_task(const RunRequest& request, const std::vector<std::string>& command,
                                  Milliseconds patience) {
  const std::string network = network_name(request.slot.app);
  m_networks.ensure(network, network_labels(request.slot));
  engine::ContainerSpec spec = spec_of(request);
  spec.name = request.slot.current_name();
  spec.network = network;
  spec.networks = request.settings.run.networks;
  spec.command = command;
  m_containers.remove(spec.name); // of a runner that was killed at it
  const std::string id = m_containers.create(spec);
  try {
    m_containers.start(id);
    TaskResult result{.exit_code = m_containers.wait(id, patience), .output = {}};
    result.output = m_containers.last_log(id, k_quoted_lines);
    m_containers.remove(id);
    return result;
  } catch (...) {
    m_containers.remove(id);
    throw;
  }
}

/// Its own for as long as it lives, for a router has it: whatever starts again, nobody else can come to be there. And
/// another one than its predecessors had.
std::string DockerTarget::choose_address(const Slot& slot, std::int64_t deployment) {
  const auto subnet = m_networks.addresses(network_name(slot.app));
  if (!subnet) {
    return "";
  }
  std::set<std::string> taken;
  for (const auto& container : m_containers.list(network_labels(slot))) {
    taken.insert(container.addresses.begin(), container.addresses.end());
  }
  return subnet->free_address(static_cast<std::uint64_t>(deployment), taken).value_or("");
}

void DockerTarget::hand_over(const Slot& slot) {
  const SlotContainers found = find(slot);
  const engine::Container& next = found.next.value();
  const bool unpublished = next.addresses.contains(starting_network_name(slot.app));
  if (unpublished) {
    m_containers.start(next.id); // while the current one still serves
  }
  if (found.current && !next.ports.empty()) {
    detach(*found.current);
  }
  if (unpublished) {
    publish(slot, next);
  } else {
    m_containers.start(next.id);
  }
}

void DockerTarget::withdraw(const Slot& slot) {
  const auto current = find(slot).current;
  if (current && !current->ports.empty()) {
    detach(*current);
  }
}

/// A program that looked for somebody before it had its networks, or ended, did so in vain: it gets a second beginning.
void DockerTarget::publish(const Slot& slot, const engine::Container& container) {
  attach(slot, container);
  const auto started = m_containers.inspect(container.id);
  if (!started || !started->running || has_reached_out(started->pid).value_or(true)) {
    m_containers.restart(container.id);
  }
}

void DockerTarget::take_back(const Slot& slot) {
  const SlotContainers found = find(slot);
  if (found.next) {
    m_containers.remove(found.next->id);
  }
  if (found.current && !found.current_has_port()) {
    detach(*found.current);
    attach(slot, *found.current);
  }
}

void DockerTarget::adopt(const Slot& slot) {
  const SlotContainers found = find(slot);
  const engine::Container& next = found.next.value();
  m_containers.set_restart(next.id, "unless-stopped");
  if (found.current) {
    m_containers.rename(found.current->id, slot.retired_name());
  }
  m_containers.rename(next.id, slot.current_name());
}

bool DockerTarget::retire(const Slot& slot, Milliseconds stop_timeout) {
  const SlotContainers found = find(slot);
  if (found.current_is_starting()) {
    m_networks.disconnect(starting_network_name(slot.app), found.current->id);
  }
  if (found.retired) {
    stop_and_remove(*found.retired, stop_timeout);
  }
  return found.retired.has_value();
}

std::optional<std::string> DockerTarget::remove_current(const Slot& slot, Milliseconds stop_timeout) {
  const auto current = find(slot).current;
  if (!current) {
    return std::nullopt;
  }
  stop_and_remove(*current, stop_timeout);
  return current->image_id;
}

void DockerTarget::remove_other_processes(const Slot& web, const std::vector<Slot>& kept, Milliseconds stop_timeout) {
  for (const auto& container : m_containers.list(web.labels())) {
    const auto process = container.labels.find(label::k_process);
    const bool is_kept =
        process == container.labels.end() ||
        std::any_of(kept.begin(), kept.end(), [&](const Slot& slot) { return slot.process == process->second; });
    if (const auto found = is_kept ? std::nullopt : m_containers.inspect(container.id)) {
      stop_and_remove(*found, stop_timeout);
    }
  }
}

void DockerTarget::remove_all(const Slot& slot) {
  for (const auto& container : m_containers.list(slot.labels())) {
    m_containers.remove(container.id);
  }
}

/// From all networks: the engine moves published ports to the next one otherwise.
void DockerTarget::detach(const engine::Container& container) {
  for (const auto& [network, address] : container.addresses) {
    m_networks.disconnect(network, container.id);
  }
}

/// The app's network first: published ports come to be with it.
void DockerTarget::attach(const Slot& slot, const engine::Container& container) {
  m_networks.connect(network_name(slot.app), container.id, slot.current_name());
  const auto further = container.labels.find(label::k_networks);
  for (const std::string& network : split(further == container.labels.end() ? "" : further->second, ',')) {
    if (!network.empty()) {
      m_networks.connect(network, container.id, {});
    }
  }
}

void DockerTarget::stop_and_remove(const engine::Container& container, Milliseconds stop_timeout) {
  if (container.running && !would_ignore_stop(container)) {
    m_containers.stop(container.id, stop_timeout);
  }
  m_containers.remove(container.id);
}

} // namespace teal
