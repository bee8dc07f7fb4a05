/// @file
/// Pipeline: one deployment from its commit to a running, proven container.
///
/// Invariant: every step is stored before and after it, and the container that served is not given up before its
/// successor is healthy (with deploy.order: build-first). The caller holds the app's lock.
#pragma once

#include "deploy/deployment_log.hpp"
#include "deploy/plan.hpp"
#include "deploy/services.hpp"
#include "model/deployment.hpp"
#include "store/history.hpp"
#include "store/queue.hpp"

#include <functional>
#include <string>

namespace teal {

class Pipeline {
public:
  /// `deployment` must outlive the pipeline.
  Pipeline(Services& services, Queue& queue, History& history, DeploymentLog& log, const Deployment& deployment);

  /// Runs the deployment and stores its outcome, which is returned. A failure is an outcome, and its text says what
  /// still runs; Error means that the store itself failed.
  Status run();

private:
  void deliver();
  void checkout(const git::Repository& repository);
  void make_room();
  void build();
  void publish();
  void pull();
  void start();
  void check();
  void succeed();
  void clean_up();
  Status fail(const Error& error);
  void show_last_words();
  std::string undo();
  void finish(Status status, const std::string& outcome);

  /// `work` returns the fact worth knowing about the step.
  void step(StepName name, const std::function<std::string()>& work);

  Services& m_services;
  Queue& m_queue;
  History& m_history;
  DeploymentLog& m_log;
  const Deployment& m_deployment;
  const Slot m_slot;
  Plan m_plan;
  Release m_release;
  bool m_port_is_handed_over = false;
  Stopwatch m_stopwatch;
  Milliseconds m_engine_time_before;
};

} // namespace teal
