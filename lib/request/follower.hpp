/// @file
/// Follower: shows a deployment's log while it grows, until its outcome is stored.
///
/// Following stops nothing and holds nothing: the follower may be killed, or its reader gone. As long as it is there it
/// sees to it that the app has a runner, should the one at work be killed.
#pragma once

#include "request/output.hpp"
#include "request/submission.hpp"

#include <optional>

namespace teal {

/// "1a2b3c4 is kept, but not deployed; later: …", of a deployment that a freeze or a person has cancelled.
[[nodiscard]] std::string describe_kept(const Deployment& deployment);
/// "'shop' is paused by anna since 2026-11-21T09:52:01Z".
[[nodiscard]] std::string describe(const Pause& pause);
/// What keeps a deployment waiting, and until when, in a line.
[[nodiscard]] std::string describe_waiting(const Pause& pause, const Deployment& deployment);

/// "deployment 43 tries it again in 10s (retry 1); …", of one that is queued because an earlier one failed, in a line.
[[nodiscard]] std::string describe_retry(const Deployment& retry);

class Follower {
public:
  /// `runner` was started for the deployment already.
  explicit Follower(const Workplace& place, const std::optional<ProcessId>& runner = std::nullopt);

  /// Starts a runner of the app if there is none, and copies the log to `output`. Returns the final status, `queued` if
  /// a pause keeps it from beginning, or nothing if the reader went away before (the deployment goes on) or the app was
  /// removed. Throws Error(environment) if runners end again and again without finishing it, with what the last one
  /// said.
  [[nodiscard]] std::optional<Status> follow(std::int64_t deployment, Output& output);

private:
  void tell_retry(const Deployment& failed, Output& output) const;
  void ensure_runner(const Deployment& deployment);

  const Workplace& m_place;
  std::optional<ProcessId> m_runner;    ///< the last one that was started
  int m_runners_started = 0;            ///< by us
  std::uintmax_t m_runner_log_size = 0; ///< before the first of ours wrote to it
};

} // namespace teal
