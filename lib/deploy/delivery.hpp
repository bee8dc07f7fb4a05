/// @file
/// Delivery: one deployment to a target without colors, from its commit, or from a kept release, to what runs there.
///
/// Invariant: as the Pipeline's: every step is stored before and after it, and a deployment that fails leaves what ran,
/// or brings it back.
#pragma once

#include "model/deployment.hpp"
#include "process/file_lock.hpp"
#include "request/cancel_mark.hpp"
#include "request/deployment_log.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <memory>
#include <optional>
#include <string>

namespace teal {

class Delivery : private Steps {
public:
  /// All must outlive it; `app_lock` is the app's.
  Delivery(const FileLock& app_lock, Services& services, Store& store, DeploymentLog& log,
           const Deployment& deployment);
  ~Delivery() override;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  /// Runs the deployment and stores its outcome: `live`, or why not, with what runs then. Error means that the store
  /// itself failed.
  void run();
  /// What a runner that was killed left of it: whether it is deployed; if not, what was done of it is taken back.
  [[nodiscard]] bool recover();

private:
  [[nodiscard]] std::optional<Error> attempt();
  void deliver();
  [[nodiscard]] Release produce();
  [[nodiscard]] PlainOrder order();
  [[nodiscard]] std::string undo();
  void succeed();
  void fail(const Error& error);
  void finish(Status status, const std::string& outcome);

  void step(StepName name, const std::function<std::string()>& work) override;
  void output(std::string_view text) override { m_log.output(text); }
  void line(std::string_view text) override { m_log.line(text); }

  Services& m_services;
  Store& m_store;
  DeploymentLog& m_log;
  const Deployment& m_deployment;
  const std::string& m_app;
  const CancelMark m_cancel_mark;
  CancelWatch m_cancel_watch;
  std::unique_ptr<PlainTarget> m_target; ///< once its settings are read
  bool m_is_under_way = false;           ///< something may have been done that undo() takes back
  Stopwatch m_stopwatch;
};

/// "site still runs 5aa01fe (release 41)", "nothing runs on site", or that it cannot be told.
[[nodiscard]] std::string describe_delivered(Services& services, const Store& store, const std::string& app,
                                             const Destination& destination);

} // namespace teal
