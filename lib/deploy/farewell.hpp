/// @file
/// Farewell: what a deployment replaced is let go, while whatever comes next begins: what it was asked is waited for,
/// then it is stopped and removed.
///
/// Invariant: nothing that a router sends requests to is ever stopped.
#pragma once

#include "request/deployment_log.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <thread>

namespace teal {

struct Leave {
  Slot slot;                   ///< of what came
  std::int64_t deployment = 0; ///< whose steps `drain` and `retire` this is
  std::optional<Color> left;   ///< as Rollout::left()
};

/// All that is retired of the app, as the two steps of the deployment.
void take_leave(Services& services, Store& store, DeploymentLog& log, const Leave& leave);
/// take_leave() in a thread of its own, with an engine, a store and a log of its own. What goes wrong is in the log,
/// and left to the next one.
class Farewell {
public:
  Farewell(const Home& home, const Environment& environment, const Kinds& kinds, Leave leave);

  [[nodiscard]] bool is_over() const { return m_is_over; }

private:
  static void say(const Home& home, const Environment& environment, const Kinds& kinds, const Leave& leave);

  std::atomic<bool> m_is_over = false;
  std::jthread m_thread;
};

} // namespace teal
