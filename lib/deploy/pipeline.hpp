/// @file
/// Pipeline: one deployment from its commit, from what was built elsewhere, or from a kept release, to something that
/// serves and is proven.
///
/// Invariant: every step is stored before and after it, and what served is not given up before its successor is
/// healthy, and kept where it can be had again (with deploy.order: build-first). That, `publish`, is done beside the
/// steps that bring the successor up.
#pragma once

#include "deploy/side_task.hpp"
#include "model/deployment.hpp"
#include "process/file_lock.hpp"
#include "request/cancel_mark.hpp"
#include "request/deployment_log.hpp"
#include "store/store.hpp"
#include "target/plan.hpp"
#include "target/services.hpp"
#include "target/target.hpp"
#include "traffic/takeover.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace teal {

class Pipeline : private Steps {
public:
  /// `app_lock`, which is the app's, and `deployment` must outlive the pipeline. `build_lock` is held until all is
  /// built and published.
  Pipeline(const FileLock& app_lock, Services& services, Store& store, DeploymentLog& log, const Deployment& deployment,
           std::optional<FileLock> build_lock);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Runs the deployment and stores its outcome, which is returned. A failure is an outcome, and so is that somebody
  /// cancelled it before it took over; its text says what still runs; Error means that the store itself failed. What
  /// was replaced is left to farewell.hpp.
  Status run();
  /// As Takeover::left(), once it has run.
  [[nodiscard]] std::optional<Color> left() const { return m_takeover ? m_takeover->left() : std::nullopt; }

private:
  [[nodiscard]] std::optional<Error> attempt();
  void deliver();
  void produce();
  void take_kept_release();
  void begin_rollout();
  void begin_publishing();
  void await_published();
  void bring_up();
  void roll_out();
  [[nodiscard]] std::string take_over();
  void retire_left();
  Status succeed();
  Status fail(const Error& error);
  Status end_cancelled(const std::string& who);
  [[nodiscard]] std::string describe_traffic();
  void show_last_words();
  [[nodiscard]] std::string undo();
  void finish(Status status, const std::string& outcome);

  using Work = std::function<std::string()>;
  void step(StepName name, const Work& work) override;
  void begin_step(StepName name);
  void carry_out(StepName name, const Work& work);
  void end_step(const Step& done);
  [[nodiscard]] bool is_cut_short() const;
  void output(std::string_view text) override { m_log.output(text); }
  void line(std::string_view text) override { m_log.line(text); }

  const FileLock& m_app_lock;
  Services& m_services;
  Store& m_store;
  DeploymentLog& m_log;
  const Deployment& m_deployment;
  std::optional<FileLock> m_build_lock;
  const CancelMark m_cancel_mark;
  CancelWatch m_cancel_watch;
  std::stop_source m_interrupt; ///< of all that is waited for: somebody cancelled it, or a part of it has failed
  const std::stop_callback<std::function<void()>> m_cancellation;
  const Slot m_slot;
  Target& m_target;
  LiveTraffic m_traffic;
  Plan m_plan;
  Release m_release;
  std::unique_ptr<Rollout> m_rollout; ///< once the plan is made
  std::optional<Takeover> m_takeover; ///< likewise
  bool m_has_taken_over = false;
  std::optional<Running> m_live; ///< what was rolled out, if it gets live traffic
  Stopwatch m_stopwatch;
  Milliseconds m_engine_time_before;
  std::mutex m_storing;                  ///< as long as there is a publication
  std::optional<SideTask> m_publication; // last: it uses the others
};

} // namespace teal
