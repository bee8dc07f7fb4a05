/// @file
/// Queue: events become deployments here, and a runner writes down what becomes of them.
///
/// Invariant: every status goes forward only (queued, running, then a final one), and the newest event of an app and
/// color is never dropped: an older one still waiting is superseded in the very transaction that queues the newer.
#pragma once

#include "model/deployment.hpp"
#include "model/release.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

class Queue {
public:
  Queue(Database& database, const Clock& clock);

  struct Enqueued {
    Deployment deployment;
    std::vector<std::int64_t> superseded; ///< ids of deployments that will not run because of it
  };
  /// Store the event and a queued deployment of it to `color`.
  Enqueued enqueue(const Event& event, Color color);

  /// The app's oldest queued deployment, or nothing.
  [[nodiscard]] std::optional<Deployment> next(std::string_view app) const;
  /// The app's deployments that a runner began and did not finish. The caller holds the app's lock, so their runner is
  /// dead.
  [[nodiscard]] std::vector<Deployment> unfinished(std::string_view app) const;
  /// Names of all apps with queued or running deployments.
  [[nodiscard]] std::vector<std::string> apps_with_work() const;

  /// From queued to running. False if it is queued no longer: a newer event superseded it since next().
  [[nodiscard]] bool begin(std::int64_t deployment);
  void begin_step(std::int64_t deployment, StepName step);
  void end_step(std::int64_t deployment, StepName step, StepStatus status, Milliseconds duration,
                std::string_view fact);
  /// Store a release (its id is ignored) and tie the deployment to it. A digest the app has already keeps its first id
  /// and gets the new commit's data. Returns the id.
  std::int64_t add_release(std::int64_t deployment, const Release& release);
  /// Throws Error(internal) unless the deployment was queued or running and `status` is final.
  void finish(std::int64_t deployment, Status status, std::string_view outcome, Milliseconds engine_time);

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
