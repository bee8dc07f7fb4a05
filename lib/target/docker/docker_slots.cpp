#include "target/docker/docker_slots.hpp"

#include "core/text.hpp"
#include "host/ipv4_address.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"
#include "process/signals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>

namespace teal {

namespace {

constexpr const char* k_restart = "unless-stopped";      ///< of what serves
constexpr std::chrono::seconds k_patience_for_ports(30); ///< with others who make containers

/// A process that does not handle the stop signal would only be waited for in vain.
bool would_ignore_stop(const engine::Container& container) {
  const int signal = parse_signal(container.stop_signal).value_or(SIGTERM);
  return is_process_of_this_host(container) && handles_signal(container.pid, signal) == false;
}

/// Whose container it is, by its labels; nothing where they make no sense.
std::optional<Slot> slot_of(const engine::Labels& labels) {
  const auto color = parse_color(engine::label_of(labels, label::k_color));
  const std::string replica = engine::label_of(labels, label::k_replica);
  const auto number = replica.empty() ? 1 : parse_integer(replica).value_or(0);
  if (!color || number < 1 || number > k_most_replicas) {
    return std::nullopt;
  }
  return Slot{engine::label_of(labels, label::k_home), engine::label_of(labels, label::k_app), *color,
              engine::label_of(labels, label::k_process), static_cast<int>(number)};
}

/// Another home's container may well serve, and is not ours to advise against.
[[noreturn]] void refuse_stranger(const engine::Container& container, const Slot& slot) {
  const auto home = container.labels.find(label::k_home);
  if (home != container.labels.end() && home->second != slot.home) {
    throw Error(
        ErrorKind::environment,
        fmt::format("container '{}' is of the home '{}', which uses this engine too and has an app '{}' as well; "
                    "make the app anew here under another name",
                    container.name, home->second, slot.app));
  }
  throw Error(
      ErrorKind::environment,
      fmt::format("a container '{0}' is there that this home did not make; rename it or remove it: docker rm -f {0}",
                  container.name));
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

std::optional<engine::Container> DockerSlots::find_ours(const Slot& slot, const std::string& name) {
  auto container = m_containers.inspect(name);
  if (container && !engine::has_labels(container->labels, slot.labels())) {
    refuse_stranger(*container, slot);
  }
  return container;
}

SlotContainers DockerSlots::find(const Slot& slot) {
  SlotContainers found{slot, find_ours(slot, slot.current_name()), find_ours(slot, slot.next_name()), {}};
  found.retired = m_containers.list(slot.labels());
  std::erase_if(found.retired, [&](const auto& container) { return !slot.is_retired_name(container.name); });
  return found;
}

std::optional<engine::Container> DockerSlots::find_current(const Slot& slot) {
  return find_ours(slot, slot.current_name());
}

std::optional<engine::Container> DockerSlots::find_next(const Slot& slot) {
  return find_ours(slot, slot.next_name());
}

std::string DockerSlots::prepare(const RunRequest& request) {
  const AppSettings& settings = request.settings;
  const bool is_web = request.slot.process.empty();
  const bool unpublished = is_web && request.publish && can_start_unpublished(request.slot);
  const bool has_own_address = is_web && !request.publish && !m_remote;
  const std::string network = network_name(request.slot.app);
  if (!has_own_address) { // whoever chooses that has made the network
    m_networks.ensure(network, request.slot.labels_of_app());
  }
  const std::string starting = starting_network_name(request.slot.home);
  if (unpublished) {
    m_networks.ensure(starting, {{label::k_home, request.slot.home}}, engine::Networks::Reach::internal);
  }
  engine::ContainerSpec spec = spec_of(request);
  spec.name = request.slot.next_name();
  spec.network = unpublished ? starting : network;
  spec.networks = unpublished ? std::vector<std::string>() : settings.run.networks;
  spec.alias = unpublished ? "" : request.slot.current_name();
  if (!m_containers.can_set_restart()) {
    spec.restart = k_restart;
  }
  if (!is_web) {
    spec.command = settings.run.processes.at(request.slot.process);
  } else {
    spec.command = settings.run.web;
  }
  if (is_web && request.publish) {
    spec.ports = {{settings.bind, settings.ports.at(request.slot.color), settings.container_port}};
  } else if (is_web && m_remote) {
    return create_reachable(std::move(spec), request);
  } else if (has_own_address) {
    spec.address =
        request.address.empty() ? choose_addresses(request.slot, request.deployment, 1).front() : request.address;
  }
  return m_containers.create(spec);
}

/// Somebody may be knocking at the port of a container that runs; and what the new one does must be seen from here.
bool DockerSlots::can_start_unpublished(const Slot& slot) {
  const auto current = m_remote ? std::nullopt : find_current(slot);
  return current && current->running && current->addresses.contains(network_name(slot.app)) &&
         is_process_of_this_host(*current);
}

/// Its port is its own for as long as it is there, and another one than its predecessors had: a route that is forgotten
/// somewhere must not lead to it.
std::string DockerSlots::create_reachable(engine::ContainerSpec spec, const RunRequest& request) {
  const std::string address = ipv4_address_of(m_remote->address);
  files::create_directories(m_remote->lock.parent_path());
  const auto lock = FileLock::acquire_any({m_remote->lock}, k_patience_for_ports);
  if (!lock) {
    throw Error(ErrorKind::busy, "other containers of this home are being made; try again");
  }
  std::set<std::uint16_t> taken;
  for (const auto& container : m_containers.list({})) {
    for (const engine::PortBinding& port : container.ports) {
      taken.insert(port.host_port);
    }
    const std::string at = engine::label_of(container.labels, label::k_reached_at);
    if (const auto port = parse_port(at.substr(at.find(':') + 1))) {
      taken.insert(*port);
    }
  }
  const auto port = m_remote->range.find_free(static_cast<std::uint64_t>(request.deployment), taken);
  if (!port) {
    throw Error(ErrorKind::environment,
                fmt::format("no port is left in {}-{} of the engine's host (engine.ports in tealhook.yml)",
                            m_remote->range.first, m_remote->range.last));
  }
  spec.ports = {{m_remote->bind, *port, request.settings.container_port}};
  spec.labels[label::k_reached_at] = fmt::format("{}:{}", address, *port);
  return m_containers.create(spec);
}

/// Its own for as long as it lives, for a router has it: whatever starts again, nobody else can come to be there. And
/// another one than its predecessors had.
std::vector<std::string> DockerSlots::choose_addresses(const Slot& slot, std::int64_t deployment, std::size_t count) {
  const auto subnet = m_networks.ensure(network_name(slot.app), slot.labels_of_app());
  if (!subnet) {
    return std::vector<std::string>(count);
  }
  std::set<std::string> taken;
  for (const auto& container : m_containers.list(slot.labels_of_app())) {
    taken.insert(container.addresses.begin(), container.addresses.end());
  }
  std::vector<std::string> addresses;
  while (addresses.size() < count) {
    auto address = subnet->free_address(static_cast<std::uint64_t>(deployment), taken);
    if (!address) {
      throw Error(ErrorKind::environment,
                  fmt::format("no address is left in {} for {} of '{}': its network has {} for those that a router "
                              "knows; remove containers that nobody needs, or run fewer replicas: tealhook scale {} N",
                              subnet->text(), count == 1 ? "a container" : fmt::format("{} containers", count),
                              slot.app, taken.size(), slot.app));
    }
    taken.insert(*address);
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

void DockerSlots::join(const Slot& slot, std::int64_t deployment) {
  const engine::Container next = find_next(slot).value();
  const std::string address = choose_addresses(slot, deployment, 1).front();
  m_networks.connect(network_name(slot.app), next.id, slot.current_name(), address);
}

engine::Container DockerSlots::start_beside(const Slot& slot) {
  engine::Container next = find_next(slot).value();
  if (!publishes_color(next) || starts_unpublished(next, slot)) {
    m_containers.start(next.id);
  }
  return next;
}

void DockerSlots::take_port(const Slot& slot, const engine::Container& next) {
  withdraw(slot);
  if (starts_unpublished(next, slot)) {
    m_port.publish(slot, next);
  } else {
    m_containers.start(next.id);
  }
}

void DockerSlots::withdraw(const Slot& slot) {
  if (const auto current = find_current(slot)) {
    m_port.withdraw(*current);
  }
}

engine::Container DockerSlots::confirm(const Slot& slot) {
  auto next = find_next(slot);
  if (!next || !next->running) {
    throw Error(ErrorKind::environment, fmt::format("'{}' has ended before it could take over", slot.next_name()));
  }
  return std::move(*next);
}

void DockerSlots::adopt(const Slot& slot) {
  keep_alive(confirm(slot));
  auto kept = confirm(slot); // one that ended before that, nobody has started again
  install({slot, find_current(slot), std::move(kept), {}}, Place::next);
}

void DockerSlots::keep_alive(const engine::Container& proven) {
  if (proven.restart != k_restart && m_containers.can_set_restart()) {
    m_containers.set_restart(proven.id, k_restart);
  }
}

void DockerSlots::install(const SlotContainers& found, std::optional<Place> heir) {
  const Slot& slot = found.slot;
  if (found.next && heir != Place::next) {
    m_containers.remove(found.next->id);
  }
  if (heir == Place::next) {
    keep_alive(*found.next);
  }
  if (found.current && heir == Place::next) {
    retire(found.current->id, slot);
  } else if (found.current && heir != Place::current) {
    m_containers.remove(found.current->id);
  }
  if (heir && heir != Place::current) {
    rename(heir == Place::next ? found.next->id : found.retired.front().id, slot.current_name());
  }
  if (heir == Place::next) {
    return;
  }
  if (const auto current = find_current(slot)) {
    m_port.give_back(slot, *current);
  }
}

void DockerSlots::retire(const Slot& slot) {
  if (const auto current = find_current(slot)) {
    retire(current->id, slot);
  }
}

/// Fine if it is gone.
void DockerSlots::retire(const std::string& id, const Slot& slot) {
  try {
    rename(id, slot.retired_name(id));
  } catch (const engine::ApiError& error) {
    if (error.status() != 404) {
      throw;
    }
  }
}

void DockerSlots::finish_start(const Slot& slot) {
  if (const auto current = find_current(slot)) {
    m_port.finish_start(slot, *current);
  }
}

void DockerSlots::end(const std::string& id, Milliseconds stop_timeout) {
  if (const auto container = m_containers.inspect(id)) {
    stop_and_remove(*container, stop_timeout);
  }
}

std::vector<engine::ContainerSummary> DockerSlots::retired(const Slot& any) {
  auto containers = m_containers.list(any.labels_of_app());
  std::erase_if(containers, [&](const engine::ContainerSummary& container) {
    const auto slot = slot_of(container.labels);
    return !slot || !slot->is_retired_name(container.name);
  });
  return containers;
}

std::vector<Slot> DockerSlots::others(const Slot& web) {
  std::map<std::string, Slot> slots;
  for (const auto& container : m_containers.list(web.labels())) {
    if (auto slot = slot_of(container.labels); slot && (!slot->process.empty() || slot->replica != 1)) {
      slots.emplace(slot->current_name(), std::move(*slot));
    }
  }
  std::vector<Slot> list;
  std::transform(slots.begin(), slots.end(), std::back_inserter(list), [](auto& one) { return std::move(one.second); });
  return list;
}

std::map<int, engine::ContainerSummary> DockerSlots::replicas(const Slot& web) {
  std::map<int, engine::ContainerSummary> found;
  for (auto& container : m_containers.list(web.labels())) {
    const auto slot = slot_of(container.labels);
    if (slot && slot->process.empty() && slot->replica != 1 && container.name == slot->current_name()) {
      found.emplace(slot->replica, std::move(container));
    }
  }
  return found;
}

void DockerSlots::stop_current(const Slot& slot, Milliseconds stop_timeout) {
  if (const auto current = find_current(slot); current && current->is_alive()) {
    m_containers.stop(current->id, would_ignore_stop(*current) ? Milliseconds(0) : stop_timeout);
  }
}

std::optional<std::string> DockerSlots::remove_current(const Slot& slot, Milliseconds stop_timeout) {
  const auto current = find_current(slot);
  if (!current) {
    return std::nullopt;
  }
  stop_and_remove(*current, stop_timeout);
  return current->image_id;
}

void DockerSlots::remove_all(const Slot& slot) {
  for (const auto& container : m_containers.list(slot.labels())) {
    m_containers.remove(container.id);
  }
}

/// The engine cannot rename a container at the moment that it dies or restarts; one that does so over and over is
/// stopped. And an answer that was lost tells nothing: it may have been done.
void DockerSlots::rename(const std::string& id, const std::string& name) {
  try {
    m_containers.rename(id, name);
  } catch (const Error&) {
    const auto found = m_containers.inspect(id);
    if (!found) {
      throw;
    }
    if (found->name == name) {
      return;
    }
    if (!found->running) {
      m_containers.stop(id, Milliseconds(0));
    }
    m_containers.rename(id, name);
  }
}

void DockerSlots::stop_and_remove(const engine::Container& container, Milliseconds stop_timeout) {
  if (container.running && !would_ignore_stop(container)) {
    m_containers.stop(container.id, stop_timeout);
  }
  m_containers.remove(container.id);
}

} // namespace teal
