/// @file
/// Runner: works an app's queue, one deployment at a time.
///
/// Invariant: from before the first step until its outcome is stored, a deployment holds its app's lock, so two runners
/// never touch one app, whatever process they live in. A runner may be killed at any moment: the next one finds what it
/// left.
#pragma once

#include "deploy/deployment_log.hpp"
#include "deploy/farewell.hpp"
#include "deploy/services.hpp"
#include "process/detached.hpp"
#include "process/file_lock.hpp"
#include "process/installation.hpp"
#include "store/store.hpp"

#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

class CurrentServices;

class Runner {
public:
  Runner(Home home, Environment environment, Store& store);

  /// Deploy what is queued for `app` until nothing is left; returns at once if another runner holds the lock (it will
  /// see the work). A failed deployment is a result; Error means the runner itself could not do its job: what waited
  /// has failed with the reason, and what a killed runner left is there for the next one.
  void drain(std::string_view app);

private:
  void work_queue(std::string_view app);
  /// The next deployment, from its place in the queue to its outcome. False if nothing is queued.
  bool deploy_next(CurrentServices& current, std::string_view app);
  /// Makes an end of what a killed runner left, or runs it once more.
  void recover_unfinished(Services& services, std::string_view app);
  void make_an_end(Services& services, const Deployment& deployment);
  void deploy(Services& services, const Deployment& deployment, DeploymentLog& log, std::optional<FileLock> build_lock);
  void take_leave(const Leave& leave);
  /// Where there is no way to deploy at all (settings that do not parse, no engine to ask).
  void fail_queued(std::string_view app, const Error& reason);
  [[nodiscard]] DeploymentLog log_of(const Deployment& deployment) const;

  Home m_home;
  Environment m_environment;
  Store& m_store;
  std::list<Farewell> m_farewells; ///< under way
};

/// Start a runner for `app` in a session of its own (see detached.hpp): `tealhook runner APP`.
ProcessId start_runner(const Home& home, std::string_view app, const Environment& environment,
                       const Installation& installation);
/// The same for each app that has work; returns these. For who held apps' locks: a runner that came meanwhile has gone.
std::vector<std::string> start_runners(const Home& home, const Queue& queue, const Environment& environment,
                                       const Installation& installation);

} // namespace teal
