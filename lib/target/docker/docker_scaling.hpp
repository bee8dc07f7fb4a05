/// @file
/// DockerScaling: a rollout that brings what its color runs to another number of replicas: those that are missing are
/// made of the same release, with the settings it runs with, proven side by side, and get requests at once; those that
/// are too many get none any more, and are retired.
///
/// Invariant: what stays is not touched.
#pragma once

#include "target/docker/replica_crew.hpp"
#include "target/rollout.hpp"

#include <string>
#include <vector>

namespace teal {

class DockerScaling : public Rollout {
public:
  /// The slot's current container is there.
  DockerScaling(Services& services, const RolloutOrder& order);

  [[nodiscard]] Release produce(const git::Repository& repository) override;
  [[nodiscard]] Release obtain() override;
  [[nodiscard]] std::string publish(const Release& release) override;
  void fetch(const Release& /*release*/) override {}
  void prepare(const Release& /*release*/) override {}
  [[nodiscard]] std::string start(const Release& release) override;
  [[nodiscard]] std::string check() override;
  void confirm() override;
  [[nodiscard]] Running successor() override;
  [[nodiscard]] std::string take_over() override;
  [[nodiscard]] bool is_under_way() const override { return m_is_under_way; }
  [[nodiscard]] std::string last_words() override;

private:
  Services& m_services;
  const RolloutOrder m_order;
  const Running m_current; ///< with what is to stay of its replicas
  AppSettings m_settings;
  std::vector<Slot> m_coming;
  std::vector<Slot> m_going;
  ReplicaCrew m_crew; ///< of m_coming
  bool m_is_under_way = false;
};

} // namespace teal
