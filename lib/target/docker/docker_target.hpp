/// @file
/// DockerTarget: an image of the release run as containers on the engine.
#pragma once

#include "engine/engine_life.hpp"
#include "engine/images.hpp"
#include "target/docker/docker_slots.hpp"
#include "target/docker/health.hpp"
#include "target/target.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

struct Services;

/// A kind whose containers come to be in another way is one of these.
class DockerTarget : public Target {
public:
  explicit DockerTarget(Services& services) : m_services(services) {}

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

  void stop(const Slot& slot, Milliseconds stop_timeout) override;
  void start(const Slot& slot) override;
  [[nodiscard]] std::optional<ProgramLog> program_log(const Slot& slot, const LogOrder& order) override;
  [[nodiscard]] Command enter(const Slot& slot, const std::vector<std::string>& command, bool terminal) override;
  [[nodiscard]] Command run_once(const OneOffOrder& order) override;

  [[nodiscard]] std::set<std::int64_t> releases_in_use(std::string_view app) override;
  void discard(const Release& release, const std::vector<Release>& others) override;
  std::vector<std::string> remove(std::string_view app) override;

protected:
  [[nodiscard]] Services& services() const { return m_services; }
  /// Of the engine, asked for once.
  [[nodiscard]] const std::optional<engine::EngineLife>& life();

private:
  void unpublish(const std::string& app, const std::string& repository, const engine::Image& image);
  [[nodiscard]] engine::Labels labels_of_app(std::string_view app) const;
  [[nodiscard]] std::vector<Slot> slots_of(const Slot& slot);
  [[nodiscard]] HealthSubject subject_of(const Running& running) const;

  Services& m_services;
  std::optional<std::optional<engine::EngineLife>> m_life; ///< once asked for
};

/// On another host, what publishes no port of its color is asked where a router reaches it.
void ask_as_router(HealthSubject& subject, const Running& running);

/// As the engine has it.
[[nodiscard]] Running running_of(const engine::Container& container);
/// What shares the requests of the web's slot with it.
[[nodiscard]] std::vector<Running> replicas_of(DockerSlots& docker, const Slot& web);

} // namespace teal
