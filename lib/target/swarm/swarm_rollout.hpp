/// @file
/// SwarmRollout: an image built and kept as for the engine itself, and run as a service of its own beside the one that
/// serves.
///
/// Invariant: what serves is not touched before all replicas of the successor run, which Swarm says, and are healthy.
#pragma once

#include "target/docker/docker_rollout.hpp"
#include "target/rollout.hpp"
#include "target/services.hpp"
#include "target/swarm/swarm_slots.hpp"

#include <optional>
#include <string>

namespace teal {

class SwarmRollout : public Rollout {
public:
  SwarmRollout(Services& services, const RolloutOrder& order);

  [[nodiscard]] Release produce(const git::Repository& repository) override { return m_image.produce(repository); }
  [[nodiscard]] Release obtain() override { return m_image.obtain(); }
  [[nodiscard]] std::string publish(const Release& release) override;
  void fetch(const Release& release) override { m_image.fetch(release); }
  void prepare(const Release& release) override { m_image.prepare(release); }
  [[nodiscard]] std::string start(const Release& release) override;
  [[nodiscard]] std::string check() override;
  void confirm() override {}
  [[nodiscard]] Running successor() override;
  [[nodiscard]] std::string take_over() override;
  [[nodiscard]] bool is_under_way() const override { return m_is_under_way; }
  [[nodiscard]] std::string last_words() override;

private:
  [[nodiscard]] engine::ServiceSpec spec_for(const Release& release, const std::string& artifact);
  void await_running(const std::string& service);
  void require_none_ended(const std::vector<engine::Task>& tasks);
  [[nodiscard]] Probe look();

  Services& m_services;
  const RolloutOrder m_order;
  const AppSettings& m_settings;
  const TargetSettings::Swarm& m_swarm_settings;
  DockerRollout m_image; ///< makes it, keeps it, and runs the one-off commands
  SwarmSlots m_slots;
  std::string m_artifact; ///< once it is published by this rollout
  bool m_is_checked_by_swarm = false;
  bool m_is_under_way = false;
};

} // namespace teal
