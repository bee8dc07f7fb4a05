/// @file
/// Follower: shows a deployment's log while it grows, until its outcome is stored.
///
/// Following stops nothing and holds nothing: the follower may be killed, or its reader gone. As long as it is there it
/// sees to it that the app has a runner, should the one at work be killed.
#pragma once

#include "model/home.hpp"
#include "process/detached.hpp"
#include "process/installation.hpp"
#include "request/output.hpp"
#include "store/history.hpp"

#include <optional>

namespace teal {

/// "1a2b3c4 is kept, but not deployed; later: …", of a deployment that a freeze or a person has cancelled.
[[nodiscard]] std::string describe_kept(const Deployment& deployment);

class Follower {
public:
  Follower(Home home, Environment environment, Installation installation, History& history);

  /// Starts the app's runner if there is none, and copies the log to `output`. Returns the final status, or nothing if
  /// the reader went away before (the deployment goes on) or the app was removed. Throws Error(environment) if runners
  /// end again and again without finishing it, with what the last one said.
  [[nodiscard]] std::optional<Status> follow(std::int64_t deployment, Output& output);

private:
  void ensure_runner(const Deployment& deployment);

  Home m_home;
  Environment m_environment;
  Installation m_installation;
  History& m_history;
  ProcessId m_runner;
  int m_runners_started = 0;
  std::uintmax_t m_runner_log_size = 0; ///< before the first of ours wrote to it
};

} // namespace teal
