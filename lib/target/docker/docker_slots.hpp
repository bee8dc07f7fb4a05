/// @file
/// DockerSlots: a release run as a container of its slot, and the slot handed from one container to the next.
///
/// Invariant: the container that served keeps running until its successor is installed. Only its published port, where
/// it has one, is taken from it before, by detaching it from the app's network, and given back by install(). Behind a
/// router nothing is published, and both stand side by side. Which container is which is told by the names in the
/// engine, so a runner that was killed can be followed by another that reads there how far it came.
#pragma once

#include "config/settings.hpp"
#include "engine/containers.hpp"
#include "engine/networks.hpp"
#include "model/port_range.hpp"
#include "model/release.hpp"
#include "model/slot.hpp"
#include "target/docker/container_spec.hpp"
#include "target/docker/port_handover.hpp"
#include "target/docker/succession.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace teal {

/// The slot's containers as the engine has them now.
struct SlotContainers {
  Slot slot;
  std::optional<engine::Container> current;
  std::optional<engine::Container> next;
  std::vector<engine::ContainerSummary> retired; ///< newest first

  [[nodiscard]] bool is_empty() const { return !current && !next && retired.empty(); }
  /// Whether the current container is attached to the app's network, and so has its published port.
  [[nodiscard]] bool current_has_port() const { return current && current->addresses.contains(network_name(slot.app)); }
  /// Whether the current container is still where it was started.
  [[nodiscard]] bool current_is_starting() const {
    return current && current->addresses.contains(starting_network_name(slot.home));
  }
};

/// Ports of an engine's host that is not this one: a router here cannot reach a container's own address there.
struct RemotePorts {
  PortRange range;
  std::string address;        ///< where they are reached, a name or IPv4
  std::string bind;           ///< of that host, where they are published
  std::filesystem::path lock; ///< held while one is chosen
};

/// Whether the container's first process is one of this host's processes, so that /proc tells about it: the engine may
/// run on another host or in a virtual machine.
[[nodiscard]] bool is_process_of_this_host(const engine::Container& container);

class DockerSlots {
public:
  /// `remote`: of an engine that is not this host's.
  DockerSlots(engine::Engine& engine, engine::AddressPool pool, std::optional<RemotePorts> remote = {})
      : m_containers(engine), m_networks(engine, pool), m_port(m_containers, m_networks), m_pool(std::move(pool)),
        m_remote(std::move(remote)) {}
  /// The same by a connection of its own, for another thread.
  [[nodiscard]] DockerSlots over(engine::Engine& engine) const { return {engine, m_pool, m_remote}; }

  /// Throws Error(environment) if a container of the slot's name is not ours.
  [[nodiscard]] SlotContainers find(const Slot& slot);
  /// Only one of them, for which the engine is asked once.
  [[nodiscard]] std::optional<engine::Container> find_current(const Slot& slot);
  [[nodiscard]] std::optional<engine::Container> find_next(const Slot& slot);
  /// The current containers of the web's color that share its requests with it, by number, which is their key.
  [[nodiscard]] std::map<int, engine::ContainerSummary> replicas(const Slot& web);
  /// So many for containers that are made at once, each to be its own behind a router. Throws Error(environment) if
  /// there are not so many left.
  [[nodiscard]] std::vector<std::string> choose_addresses(const Slot& slot, std::int64_t deployment, std::size_t count);
  /// Make the next container, not started. Returns its id.
  std::string prepare(const RunRequest& request);
  /// Start the next container, unless it publishes a port and so has to take it first. What is current is not touched.
  /// Returns the next one as it was made.
  engine::Container start_beside(const Slot& slot);
  /// The next container, which somebody else made and did not start if it publishes a port, comes to the app's network:
  /// where it publishes none, at an address of its own.
  void join(const Slot& slot, std::int64_t deployment);
  /// Take its published port from the current container for the next one, which runs from then on.
  void take_port(const Slot& slot, const engine::Container& next);
  /// Take its published port from the current container, which goes on running.
  void withdraw(const Slot& slot);
  /// The next container, which runs; throws Error(environment) if it has ended.
  engine::Container confirm(const Slot& slot);
  /// The next container is the current one from now on, and restarted whenever it ends; what was current is retired.
  /// Throws as confirm() does.
  void adopt(const Slot& slot);
  /// `heir` is the current container from now on, and has its port. What it replaces is retired; any other successor is
  /// removed. Cut short, it is finished by being called again with the heir of what is there then.
  void install(const SlotContainers& found, std::optional<Place> heir);
  /// What is current is retired, and nothing follows.
  void retire(const Slot& slot);
  /// End what starting the current container needed.
  void finish_start(const Slot& slot);
  /// Stop and remove a container, by id; fine if it is not there.
  void end(const std::string& id, Milliseconds stop_timeout);
  /// Of all slots of the home's app, what waits for its end.
  [[nodiscard]] std::vector<engine::ContainerSummary> retired(const Slot& any);
  /// The web's color's other slots that have containers: of processes, k_task_process among them, and of replicas.
  [[nodiscard]] std::vector<Slot> others(const Slot& web);
  /// Stop the current container, if there is one; it stays so.
  void stop_current(const Slot& slot, Milliseconds stop_timeout);
  /// Stop and remove the current container, if there is one. Returns the id of its image.
  std::optional<std::string> remove_current(const Slot& slot, Milliseconds stop_timeout);
  /// Remove whatever containers the slot has, those of all its processes, and at once.
  void remove_all(const Slot& slot);

  [[nodiscard]] engine::Containers& containers() { return m_containers; }
  [[nodiscard]] engine::Networks& networks() { return m_networks; }

private:
  [[nodiscard]] std::optional<engine::Container> find_ours(const Slot& slot, const std::string& name);
  [[nodiscard]] bool can_start_unpublished(const Slot& slot);
  std::string create_reachable(engine::ContainerSpec spec, const RunRequest& request);
  void keep_alive(const engine::Container& proven);
  void retire(const std::string& id, const Slot& slot);
  void rename(const std::string& id, const std::string& name);
  void stop_and_remove(const engine::Container& container, Milliseconds stop_timeout);

  engine::Containers m_containers;
  engine::Networks m_networks;
  PortHandover m_port;
  engine::AddressPool m_pool;
  std::optional<RemotePorts> m_remote;
};

} // namespace teal
