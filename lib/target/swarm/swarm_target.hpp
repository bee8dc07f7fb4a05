/// @file
/// SwarmTarget: an image of the release run as a service of the Swarm whose manager the engine is, each replica
/// published at its own node.
#pragma once

#include "target/swarm/swarm_slots.hpp"
#include "target/target.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

struct Services;

class SwarmTarget : public Target {
public:
  explicit SwarmTarget(Services& services);

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
  void tidy(const Slot& /*slot*/) override {}

  [[nodiscard]] Probe probe(const Running& running, const HealthSettings& health) override;
  void prove(const Running& running, const HealthSettings& health) override;
  [[nodiscard]] bool moves_replicas() const override { return true; }
  Revival revive(const Slot& slot, const Tell& tell) override;

  void stop(const Slot& slot, Milliseconds stop_timeout) override;
  void start(const Slot& slot) override;
  [[nodiscard]] std::optional<ProgramLog> program_log(const Slot& slot, const LogOrder& order) override;
  [[nodiscard]] Command enter(const Slot& slot, const std::vector<std::string>& command, bool terminal) override;
  [[nodiscard]] Command run_once(const OneOffOrder& order) override;

  [[nodiscard]] std::set<std::int64_t> releases_in_use(std::string_view app) override;
  void discard(const Release& release, const std::vector<Release>& others) override;
  std::vector<std::string> remove(std::string_view app) override;

private:
  [[nodiscard]] std::vector<engine::Service> services_of(std::string_view app);
  void require_no_containers(const Slot& slot);
  void await_gone(const std::vector<std::string>& containers);

  Services& m_services;
  SwarmSlots m_slots;
};

} // namespace teal
