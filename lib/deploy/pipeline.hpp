/// @file
/// Pipeline: one deployment from its commit, or from a kept release, to a running, proven container.
///
/// Invariant: every step is stored before and after it, and the container that served is not given up before its
/// successor is healthy (with deploy.order: build-first). The caller holds the app's lock.
#pragma once

#include "deploy/rollout.hpp"
#include "model/deployment.hpp"
#include "process/file_lock.hpp"
#include "request/cancel_mark.hpp"
#include "request/deployment_log.hpp"
#include "store/store.hpp"
#include "target/docker/build.hpp"
#include "target/plan.hpp"
#include "target/services.hpp"
#include "traffic/live_traffic.hpp"

#include <functional>
#include <optional>
#include <string>

namespace teal {

class Pipeline {
public:
  /// `deployment` must outlive the pipeline.
  /// `build_lock` is held until all is built.
  Pipeline(Services& services, Store& store, DeploymentLog& log, const Deployment& deployment,
           std::optional<FileLock> build_lock);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Runs the deployment and stores its outcome, which is returned. A failure is an outcome, and so is that somebody
  /// cancelled it before it took over; its text says what still runs; Error means that the store itself failed. What
  /// was replaced is left to farewell.hpp.
  Status run();
  /// As Rollout::left(), once it has run.
  [[nodiscard]] std::optional<Color> left() const { return m_rollout ? m_rollout->left() : std::nullopt; }

private:
  void deliver();
  void produce();
  void checkout(const git::Repository& repository);
  void make_room();
  void build();
  [[nodiscard]] BuildPlace build_place() const;
  void publish();
  void pull();
  void prepare();
  void roll_out();
  Status succeed();
  Status fail(const Error& error);
  Status end_cancelled(const std::string& who);
  void show_last_words();
  void finish(Status status, const std::string& outcome);

  /// `work` returns the fact worth knowing about the step.
  void step(StepName name, const std::function<std::string()>& work);

  Services& m_services;
  Store& m_store;
  DeploymentLog& m_log;
  const Deployment& m_deployment;
  std::optional<FileLock> m_build_lock;
  const CancelMark m_cancel_mark;
  CancelWatch m_cancel_watch;
  const Slot m_slot;
  Plan m_plan;
  Release m_release;
  LiveTraffic m_traffic;
  std::optional<Rollout> m_rollout; ///< once the plan is made
  Stopwatch m_stopwatch;
  Milliseconds m_engine_time_before;
};

} // namespace teal
