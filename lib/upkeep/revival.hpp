/// @file
/// Revival: containers that ought to run and do not are started again, and proven.
///
/// Invariant: what a person stopped stays so. That a container ended with its engine is told by when it ended (see
/// EngineLife); one whose program ends is started again by the engine itself.
#pragma once

#include "target/docker/release_health.hpp"
#include "target/services.hpp"
#include "engine/engine_life.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace teal {

/// A color that was started, and has to be proven before it is routed.
struct Revived {
  Slot slot;
  ReleaseHealth health;
  std::string fault; ///< why it is not healthy; empty if it is, once prove() has looked
};

class Revival {
public:
  using Tell = std::function<void(const std::string&)>;

  /// `tell` gets a line for each container that was started, or is not running and stays so.
  Revival(Services& services, Store& store, Tell tell);

  /// Starts the color's containers that ought to run. Returns what is to be proven, if the one that answers requests
  /// was started.
  std::optional<Revived> start(const Slot& slot);
  /// Waits until they are healthy, for as long as their releases' settings say, beside one another.
  void prove(std::vector<Revived>& started);
  /// Whether all runs that ought to.
  [[nodiscard]] bool is_well() const { return m_is_well; }

private:
  bool start(const Slot& slot, const engine::Container& container);
  void tell_why_it_rests(const std::string& name, const engine::Container& container);
  void tell_fault(const std::string& name, const std::string& fault);

  Services& m_services;
  Store& m_store;
  Tell m_tell;
  std::optional<engine::EngineLife> m_life;
  bool m_is_well = true;
};

/// Whether a container that does not run ought to: the engine could not start it, or ended it as it began itself.
[[nodiscard]] bool ought_to_run(const engine::Container& container, const std::optional<engine::EngineLife>& life);

} // namespace teal
