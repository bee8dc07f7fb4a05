/// @file
/// Queue: events become deployments here, and a runner writes down what becomes of them.
///
/// Invariant: every status goes forward only (queued, running, then a final one), and the newest event of an app and
/// destination is never dropped: an older one still waiting is superseded in the very transaction that queues the newer
/// (Destination says what supersedes what). Nothing but rollbacks is queued of an app that is frozen. What is queued of
/// one that is paused stays so, and so does what is not due yet.
#pragma once

#include "model/deployment.hpp"
#include "model/live.hpp"
#include "model/origin.hpp"
#include "model/release.hpp"
#include "model/request.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

class Queue {
public:
  /// The longest that anything waits to be due. What is to wait longer was put off before the clock was set back.
  static constexpr Milliseconds k_longest_wait = std::chrono::hours(24);

  Queue(Database& database, const Clock& clock);

  struct Enqueued {
    Deployment deployment;
    std::vector<std::int64_t> superseded; ///< ids of deployments that will not run because of it
  };
  /// Store the event and a queued deployment of it, which runs a kept `release`, or else (0) makes one of the event's
  /// commit; while the app is frozen, a cancelled one, unless it is of a kept release. An action of who asked (see
  /// Actions). A restart takes the place of no deployment of another kind, and none but a scaling that of a scaling.
  Enqueued enqueue(const Event& event, const Destination& destination, std::int64_t release = 0,
                   bool is_restart = false) {
    return enqueue({.event = event, .destination = destination, .release = release, .is_restart = is_restart}, Quiet());
  }
  /// So many others may come before one begins.
  struct Quiet {
    Milliseconds pause{0};   ///< it is due once none has come for so long; 0: at once
    Milliseconds longest{0}; ///< and no later than this after the first of those that it takes the place of
  };
  Enqueued enqueue(const Request& request, const Quiet& quiet);

  /// The app's oldest deployment that may begin now, or nothing: none is queued, none is due, or the app is paused.
  [[nodiscard]] std::optional<Deployment> next(std::string_view app) const;
  /// How long until there is one, if nobody asks for anything more: 0 if there is one now. Nothing if there will be
  /// none.
  [[nodiscard]] std::optional<Milliseconds> until_next(std::string_view app) const;
  /// The app's deployments that a runner began and did not finish, and those that have their outcome but were still
  /// being tidied up after. Where the caller holds the app's lock, their runner is dead.
  [[nodiscard]] std::vector<Deployment> unfinished(std::string_view app) const;
  /// Whether a newer deployment of the same app and place waits.
  [[nodiscard]] bool is_superseded(const Deployment& deployment) const;
  /// Whether a deployment that waits or runs is one of that release.
  [[nodiscard]] bool is_awaited(std::int64_t release) const;
  /// Of all apps, what waits and what runs, the oldest first.
  [[nodiscard]] std::vector<Deployment> pending() const;
  /// Names of all apps with deployments that are queued or unfinished, but for what a pause keeps.
  [[nodiscard]] std::vector<std::string> apps_with_work() const;

  /// From queued to running on `color`, if its target has colors. False if it is queued no longer: a newer event
  /// superseded it since next().
  [[nodiscard]] bool begin(std::int64_t deployment, std::optional<Color> color);
  /// One that waits will not run, as `who` wants it. False if it does not wait.
  [[nodiscard]] bool cancel(std::int64_t deployment, std::string_view who);
  /// Another runner takes on what a killed one had begun, from the first step. Throws Error(internal) unless the
  /// deployment is running.
  void begin_again(std::int64_t deployment);
  void begin_step(std::int64_t deployment, StepName step);
  void end_step(std::int64_t deployment, StepName step, StepStatus status, Milliseconds duration,
                std::string_view fact);
  /// What a killed runner was at when it died must not look as if it went on for ever.
  void close_steps(std::int64_t deployment);
  /// Store a release (its id and artifact are ignored) and tie the deployment to it. One that the app has already keeps
  /// its first id and its artifact, and gets the new commit's data. Returns the id.
  std::int64_t add_release(std::int64_t deployment, const Release& release);
  /// Tie the deployment to a release that is kept, another one than was asked for.
  void set_release(std::int64_t deployment, std::int64_t release);
  /// From now on the release can be run again: `artifact` is kept.
  void publish_release(std::int64_t release, const std::string& artifact);
  /// What a release is about to run with, in place of what it ran with before.
  void keep_settings(std::int64_t release, const ReleaseSettings& settings);
  struct Outcome {
    std::string text; ///< one line: the address if it succeeded, the reason if not
    Milliseconds engine_time{0};
    std::uint64_t peak_memory = 0; ///< bytes
  };
  /// Throws Error(internal) unless the deployment was queued or running and `status` is final.
  void finish(std::int64_t deployment, Status status, const Outcome& outcome);
  /// It has failed for a cause that may pass: its event is queued once more in the same transaction, to begin after
  /// `pause`. Returns that deployment; nothing where something newer was asked for there, or the app is frozen.
  std::optional<Deployment> fail_for_now(std::int64_t deployment, const Outcome& outcome, Milliseconds pause);

  /// From now on nothing of the app begins; what runs goes on. Ids and time are ignored. False if it was so already. An
  /// action of who did it (see Actions), as resume() is.
  bool pause(const Pause& pause, const Origin& origin = {});
  /// False if it was not paused.
  bool resume(std::string_view app, std::string_view who, const Origin& origin = {});
  [[nodiscard]] std::optional<Pause> find_pause(std::string_view app) const;
  /// Of all apps, by name.
  [[nodiscard]] std::vector<Pause> pauses() const;

private:
  Database& m_database;
  const Clock& m_clock;
};

} // namespace teal
