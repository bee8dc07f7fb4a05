/// @file
/// PortHandover: the port that a color publishes, which goes from one container to the next with the networks that each
/// is attached to.
///
/// A successor starts in a network that publishes nothing, and comes to the app's network when it runs: whoever knocks
/// at a published port before its container has an interface makes the host wait a second for that one's hardware
/// address.
#pragma once

#include "engine/containers.hpp"
#include "engine/networks.hpp"
#include "model/slot.hpp"

#include <utility>

namespace teal {

/// Whether it publishes the port of its color. What a router reaches on another host publishes one of its own.
[[nodiscard]] bool publishes_color(const engine::Container& container);

/// Whether it was made to be started in a network that publishes nothing.
[[nodiscard]] bool starts_unpublished(const engine::Container& next, const Slot& slot);

class PortHandover {
public:
  PortHandover(engine::Containers containers, engine::Networks networks)
      : m_containers(containers), m_networks(std::move(networks)) {}

  /// From a container, which goes on running.
  void withdraw(const engine::Container& current);
  /// To one that has started unpublished.
  void publish(const Slot& slot, const engine::Container& next);
  /// To the one that it was taken from, which may have it still.
  void give_back(const Slot& slot, const engine::Container& current);
  /// End what starting it needed.
  void finish_start(const Slot& slot, const engine::Container& current);

private:
  void detach(const engine::Container& container);
  void attach(const Slot& slot, const engine::Container& container);
  void reconnect(const engine::Container& container);

  engine::Containers m_containers;
  engine::Networks m_networks;
};

} // namespace teal
