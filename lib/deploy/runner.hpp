/// @file
/// Runner: works an app's queue, one deployment at a time.
///
/// Invariant: from before the first step until its outcome is stored, a deployment holds its app's lock, so two runners
/// never touch one app, whatever process they live in. A runner may be killed at any moment: the next one finds what it
/// left.
#pragma once

#include "deploy/farewell.hpp"
#include "process/file_lock.hpp"
#include "request/deployment_log.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <list>
#include <string_view>

namespace teal {

class CurrentServices;

class Runner {
public:
  Runner(Home home, Environment environment, Store& store, Kinds kinds = {});

  /// Deploy what is queued for `app` until nothing is left that is, or will be, due; returns at once if another runner
  /// holds the lock (it will see the work), or waits for what is due later. A failed deployment is a result; Error
  /// means the runner itself could not do its job: what waited has failed with the reason, and what a killed runner
  /// left is there for the next one.
  void drain(std::string_view app);

private:
  /// Holds the app's lock meanwhile; false if another one does.
  bool work_off(std::string_view app, std::optional<Error>& fault);
  /// Whether anything is due then. It holds no lock that work needs: whoever has some gets on with it.
  bool await_due(std::string_view app);
  void work_queue(const FileLock& lock, std::string_view app);
  /// The next deployment, from its place in the queue to its outcome. False if nothing is queued.
  bool deploy_next(const FileLock& lock, CurrentServices& current, std::string_view app);
  /// Makes an end of what a killed runner left, or runs it once more.
  void recover_unfinished(const FileLock& lock, CurrentServices& current, std::string_view app);
  void make_an_end(const FileLock& lock, CurrentServices& current, const Deployment& deployment);
  /// Whether it had done all that it is for, but for saying so, which is made up for. If not, it is undone.
  bool end_well(const FileLock& lock, Services& services, const Deployment& deployment, DeploymentLog& log);
  void deploy(const FileLock& lock, Services& services, const Deployment& deployment, DeploymentLog& log,
              std::optional<FileLock> build_lock);
  void take_leave(const Leave& leave);
  /// Where there is no way to deploy at all (settings that do not parse, no engine to ask).
  void fail_queued(std::string_view app, const Error& reason);
  void forget_old(std::string_view app);
  [[nodiscard]] DeploymentLog log_of(const Deployment& deployment) const;

  Home m_home;
  Environment m_environment;
  Store& m_store;
  Kinds m_kinds;
  std::list<Farewell> m_farewells; ///< under way
};

} // namespace teal
