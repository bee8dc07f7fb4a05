/// @file
/// ScriptedTarget: a target that runs nothing, and does what a test tells it to: which of its calls fails, and how.
///
/// It keeps what a Target promises: what serves is given up by take_over() alone, settle() leaves a slot at rest, and
/// what gets requests is never what settle() drops, but for what has failed.
#pragma once

#include "target/services.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace teal {

/// What its targets run, and all that they were asked: shared by those of a runner and of its threads.
class ScriptedWorld {
public:
  /// From now on `what` is called by each call of that name, which fails with what it throws: "build", "start", "settle
  /// shop-blue", "end shop-blue", …
  void at(const std::string& call, std::function<void()> what);
  /// Notes the call, and does what it is to do.
  void call(const std::string& name);
  [[nodiscard]] std::vector<std::string> calls() const;
  [[nodiscard]] bool was_called(const std::string& name) const;
  /// What was at work before the test looks.
  void forget_calls();

  /// `deployment` of the app, at rest on its color and running, of that release.
  Running serve(const std::string& app, Color color, std::int64_t deployment, std::int64_t release = 0);
  /// The same of a successor that was not adopted yet, and of one that waits for its end.
  Running start_next(const Running& running);
  void retire(const Running& running);
  void stop(const std::string& app, Color color);
  void remove(const std::string& app, Color color);

  [[nodiscard]] std::optional<Running> current(const std::string& app, Color color) const;
  [[nodiscard]] std::optional<Running> next(const std::string& app, Color color) const;
  [[nodiscard]] std::vector<Running> retired() const;

private:
  friend class ScriptedTarget;
  friend class ScriptedRollout;

  mutable std::mutex m_mutex;
  std::map<std::string, std::function<void()>> m_hooks;
  std::vector<std::string> m_calls;
  std::map<std::string, Running> m_current; ///< by Slot::current_name()
  std::map<std::string, Running> m_next;
  std::vector<Running> m_retired;
};

/// One that `deployment` would start.
[[nodiscard]] Running scripted_running(const std::string& app, Color color, std::int64_t deployment,
                                       std::int64_t release);

class ScriptedTarget final : public Target {
public:
  explicit ScriptedTarget(std::shared_ptr<ScriptedWorld> world) : m_world(std::move(world)) {}

  [[nodiscard]] std::unique_ptr<Rollout> roll_out(const RolloutOrder& order) override;
  [[nodiscard]] std::vector<Error> obstacles(const Slot& slot, const AppSettings& settings) override;
  void require_port(const Slot& slot, const std::optional<Running>& current, const AppSettings& settings) override;
  [[nodiscard]] std::optional<Running> current(const Slot& slot) override;
  [[nodiscard]] std::optional<Running> find(const std::string& id) override;
  [[nodiscard]] std::vector<Running> all() override;
  Settled settle(const FileLock& app_lock, const Slot& slot, const FindRouted& find_routed,
                 std::int64_t failed) override;
  void retire(const Slot& slot) override;
  [[nodiscard]] std::vector<Running> retired(const Slot& any) override;
  void end(const Running& retired, Milliseconds stop_timeout) override;
  void tidy(const Slot& slot) override;
  [[nodiscard]] Probe probe(const Running& running, const HealthSettings& health) override;
  void prove(const Running& running, const HealthSettings& health) override;
  Revival revive(const Slot& slot, const Tell& tell) override;
  [[nodiscard]] std::set<std::int64_t> releases_in_use(std::string_view app) override;
  void discard(const Release& release, const std::vector<Release>& others) override;
  std::vector<std::string> remove(std::string_view app) override;

private:
  std::shared_ptr<ScriptedWorld> m_world;
};

} // namespace teal
