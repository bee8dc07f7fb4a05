#include "target/docker/port_handover.hpp"

#include "core/text.hpp"
#include "host/socket_table.hpp"
#include "model/release.hpp"

namespace teal {

namespace {

bool starts_among_its_own(const engine::Container& container) {
  return !engine::label_of(container, label::k_start).empty();
}

/// To "network", "network=alias" or nothing.
void connect_to(engine::Networks& networks, const std::string& entry, const engine::Container& container) {
  const auto sign = entry.find('=');
  if (!entry.empty()) {
    networks.connect(entry.substr(0, sign), container.id, sign == std::string::npos ? "" : entry.substr(sign + 1));
  }
}

/// Whether the program was refused what it has only now.
bool has_asked_in_vain(const engine::Container& container) {
  return (starts_among_its_own(container) ? has_found_no_route(container.pid) : has_reached_out(container.pid))
      .value_or(true);
}

} // namespace

bool publishes_color(const engine::Container& container) {
  return !container.ports.empty() && engine::label_of(container, label::k_reached_at).empty();
}

bool starts_unpublished(const engine::Container& next, const Slot& slot) {
  return next.addresses.contains(starting_network_name(slot.home)) || starts_among_its_own(next);
}

void PortHandover::withdraw(const engine::Container& current) {
  if (!publishes_color(current) || !current.is_alive()) {
    return;
  }
  if (current.running) {
    try {
      detach(current);
      return;
    } catch (const Error&) {
      const auto now = m_containers.inspect(current.id);
      if (!now) {
        return;
      }
      if (now->running && now->restarts == current.restarts) {
        throw;
      }
    }
  }
  // Between two lives no network can be taken from it, and its next life has the port.
  m_containers.stop(current.id, Milliseconds(0));
  detach(current);
}

/// A program that looked for somebody before it had its networks, or ended, did so in vain: it gets a second beginning.
void PortHandover::publish(const Slot& slot, const engine::Container& container) {
  attach(slot, container);
  const auto started = m_containers.inspect(container.id);
  if (!started || !started->running || has_asked_in_vain(*started)) {
    m_containers.restart(container.id);
  }
}

/// What publishes nothing was not detached.
void PortHandover::give_back(const Slot& slot, const engine::Container& current) {
  if (current.ports.empty()) {
    return;
  }
  if (current.addresses.contains(network_name(slot.app))) {
    reconnect(current);
  } else {
    detach(current);
    attach(slot, current);
    connect_to(m_networks, engine::label_of(current, label::k_start), current);
    if (!current.running) {
      m_containers.start(current.id); // withdraw() takes ports only from what is alive
    }
  }
}

/// It has its port, and perhaps not all of its networks, where its detaching was cut short. One that is gone, or that
/// somebody took from it, is no reason to fail.
void PortHandover::reconnect(const engine::Container& container) {
  for (const std::string& entry : split(engine::label_of(container.labels, label::k_networks), ',')) {
    if (!container.addresses.contains(entry.substr(0, entry.find('=')))) {
      try {
        connect_to(m_networks, entry, container);
      } catch (const engine::ApiError&) {
      }
    }
  }
}

/// It would have to leave that one, too, before the next can have its port.
void PortHandover::finish_start(const Slot& slot, const engine::Container& current) {
  const std::string among_its_own = engine::label_of(current, label::k_start);
  for (const std::string& network :
       {starting_network_name(slot.home), among_its_own.substr(0, among_its_own.find('='))}) {
    if (current.addresses.contains(network) && current.addresses.contains(network_name(slot.app))) {
      m_networks.disconnect(network, current.id);
    }
  }
}

/// From all networks: the engine moves published ports to the next one otherwise. From the app's last, whose those are:
/// so they move nowhere, and are away for the shortest while.
void PortHandover::detach(const engine::Container& container) {
  const std::string last = network_name(engine::label_of(container.labels, label::k_app));
  for (const auto& [network, address] : container.addresses) {
    if (network != last) {
      m_networks.disconnect(network, container.id);
    }
  }
  if (container.addresses.contains(last)) {
    m_networks.disconnect(last, container.id);
  }
}

/// The app's network first: published ports come to be with it.
void PortHandover::attach(const Slot& slot, const engine::Container& container) {
  m_networks.connect(network_name(slot.app), container.id, slot.current_name());
  for (const std::string& entry : split(engine::label_of(container.labels, label::k_networks), ',')) {
    connect_to(m_networks, entry, container);
  }
}

} // namespace teal
