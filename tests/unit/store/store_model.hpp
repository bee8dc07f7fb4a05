/// @file
/// StoreModel: what the store should say, in plain values, for tests that compare the two. And all that can be read of
/// either, as a text.
#pragma once

#include "store/store.hpp"

#include <map>
#include <string>
#include <vector>

namespace teal {

class StoreModel {
public:
  static const std::vector<std::string>& apps();

  void enqueue(const Event& event, const Destination& destination, std::int64_t release, TimePoint now);
  void begin(std::int64_t deployment, Color color, TimePoint now);
  void begin_again(std::int64_t deployment);
  void begin_step(std::int64_t deployment, StepName step, TimePoint now);
  void end_step(std::int64_t deployment, StepName step, StepStatus status, Milliseconds duration,
                const std::string& fact);
  void add_release(std::int64_t deployment, const Release& release);
  void publish_release(std::int64_t release, const std::string& artifact);
  void keep_settings(std::int64_t release, const ReleaseSettings& settings);
  void finish(std::int64_t deployment, Status status, const Queue::Outcome& outcome, TimePoint now);
  void forget_release(std::int64_t release);
  void forget_app(const std::string& app);
  void move(const Live& live, TimePoint now);
  void pause(const Pause& pause, TimePoint now);
  void resume(const std::string& app);
  void fail_for_now(std::int64_t deployment, const Queue::Outcome& outcome, Milliseconds pause, TimePoint now);
  void set_freeze(const Freeze& freeze, TimePoint now);
  void remove_freeze(const std::string& app);

  /// Newest last; of all apps.
  [[nodiscard]] const std::map<std::int64_t, Deployment>& deployments() const { return m_deployments; }
  [[nodiscard]] const std::map<std::int64_t, Release>& releases() const { return m_releases; }
  [[nodiscard]] bool is_running(std::int64_t deployment) const;
  [[nodiscard]] bool is_at(std::int64_t deployment, StepName step) const;

  [[nodiscard]] std::string everything(TimePoint now) const;

private:
  [[nodiscard]] std::string everything_of(const std::string& app, TimePoint now) const;
  [[nodiscard]] std::vector<Deployment> newest_first(const std::string& app) const;
  [[nodiscard]] std::vector<Release> kept(const std::string& app) const;
  void cancel_waiting(const Freeze& freeze, TimePoint now);

  std::map<std::int64_t, Deployment> m_deployments;
  std::map<std::int64_t, Release> m_releases;
  std::map<std::int64_t, ReleaseSettings> m_settings;
  std::vector<Live> m_live;
  std::map<std::string, Freeze> m_freezes;
  std::map<std::string, Pause> m_pauses;
  std::int64_t m_last_event = 0;
  std::int64_t m_last_deployment = 0;
  std::int64_t m_last_release = 0;
};

/// In the words of StoreModel::everything().
[[nodiscard]] std::string everything(const Store& store);

} // namespace teal
