/// @file
/// SwarmSlots: the services of a color's slot on the Swarm, and the slot handed from one to the next.
///
/// Invariant: the service that served keeps running until its successor is proven and has taken over. Swarm's own
/// update of a service stops a task as soon as its successor runs, whoever it still answers, and does not know what our
/// health check says; so each deployment of a color is a service of its own, beside the one that serves. Which is which
/// is told by a label, since a service cannot be renamed, so a runner that was killed can be followed by another that
/// reads there how far it came.
#pragma once

#include "engine/swarm.hpp"
#include "model/slot.hpp"
#include "target/docker/succession.hpp"
#include "target/running.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

namespace swarm_label {
inline constexpr const char* k_role = "tealhook.role";
inline constexpr const char* k_next = "next";
inline constexpr const char* k_current = "current";
inline constexpr const char* k_retired = "retired";
inline constexpr const char* k_replicas = "tealhook.replicas"; ///< that it has while nobody has stopped it
inline constexpr const char* k_checked = "tealhook.checked";   ///< k_by_swarm where Swarm itself looks at its health
inline constexpr const char* k_by_swarm = "swarm";
} // namespace swarm_label

/// "tealhook-shop-blue-42": what the deployment makes.
[[nodiscard]] std::string service_name(const Slot& slot, std::int64_t deployment);

/// The slot's services as Swarm has them now.
struct SlotServices {
  std::optional<engine::Service> current;
  std::optional<engine::Service> next;
  std::vector<engine::Service> retired; ///< newest first

  [[nodiscard]] bool is_empty() const { return !current && !next && retired.empty(); }
};

class SwarmSlots {
public:
  explicit SwarmSlots(engine::Engine& engine) : m_swarm(engine) {}

  [[nodiscard]] engine::Swarm& swarm() { return m_swarm; }
  [[nodiscard]] SlotServices find(const Slot& slot);
  /// The first of the tasks that a router can reach, with the others as its replicas, each by its own id; where there
  /// is none, the service itself, which does not run.
  [[nodiscard]] Running running_of(const engine::Service& service);
  /// The same where its tasks are known.
  [[nodiscard]] static Running running_of(const engine::Service& service, std::vector<engine::Task> tasks,
                                          const std::map<std::string, engine::Node>& nodes);

  /// The next service is the current one from now on, and what was current is retired.
  void adopt(const Slot& slot);
  void retire(const engine::Service& service);
  /// Returns whether there was a successor: see Target::settle().
  bool settle(const Slot& slot, const std::function<std::set<std::string>()>& find_routed, std::int64_t failed);

private:
  void set_role(const engine::Service& service, const char* role);
  [[nodiscard]] Claimant claim_of(const engine::Service& service, const std::set<std::string>& routed,
                                  std::int64_t failed);
  void install(const SlotServices& found, std::optional<Place> heir);

  engine::Swarm m_swarm;
};

/// "2 of 3 replicas run"; nothing where all do.
[[nodiscard]] std::optional<std::string> why_incomplete(const engine::Service& service, const Running& running);
/// The one that a replica, or what is left of it, is of.
[[nodiscard]] std::string service_of(const Running& replica);

} // namespace teal
