/// @file
/// Rollout: a release brought into its slot: its containers start beside what serves, are proven, and take over.
///
/// Invariant: what serves is not touched before all of the successor is healthy, but for the published port where there
/// is no router. Until take_over() has returned, undo() brings back what was. A runner that is killed on the way is
/// followed by one that reads from the router, or from the containers' names, how far it came (deploy/recovery).
#pragma once

#include "deploy/live_traffic.hpp"
#include "deploy/plan.hpp"
#include "model/deployment.hpp"
#include "model/release.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

class Rollout {
public:
  /// All must outlive it.
  Rollout(Services& services, LiveTraffic& traffic, const Plan& plan, const Deployment& deployment);

  /// Each does one step, and returns the fact worth knowing of it.
  std::string start(const Release& release);
  std::string check();
  std::string take_over();
  /// Returns what went wrong with it, as the end of a sentence; empty if nothing did.
  std::string undo();

  /// Whether there is a successor that has not taken over.
  [[nodiscard]] bool is_under_way() const { return m_is_under_way; }
  [[nodiscard]] bool has_taken_over() const { return m_has_taken_over; }
  /// Whether live traffic goes to what was rolled out.
  [[nodiscard]] bool is_live() const { return m_is_live; }
  /// What was rolled out behind a router.
  [[nodiscard]] const engine::Container& container() const { return m_container; }
  /// The color that was live before and does not run on (deploy.keep_idle: false).
  [[nodiscard]] std::optional<Color> left() const { return m_left; }
  /// What a successor that failed printed last, at most 50 lines.
  [[nodiscard]] std::string last_words();

private:
  void prove_running(const Slot& slot);
  std::string move_traffic();
  void retire_others();

  Services& m_services;
  LiveTraffic& m_traffic;
  const Plan& m_plan;
  const Deployment& m_deployment;
  Slot m_web;                ///< what answers requests
  std::vector<Slot> m_slots; ///< of all processes; m_web first
  Stopwatch m_since_start;
  bool m_is_under_way = false;
  bool m_has_taken_over = false;
  bool m_is_live = false;
  std::optional<std::vector<route::Route>> m_routes_before; ///< of the app, once the router was told something else
  std::optional<Color> m_left;
  engine::Container m_container;
};

} // namespace teal
