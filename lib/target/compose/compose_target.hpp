/// @file
/// ComposeTarget: a release run as a compose project a color.
///
/// Its containers are the slot's by name and label, as a DockerTarget's are: what serves, what follows it and what is
/// retired is told, settled, revived and looked at as there. What is its own is how they come to be, and what a project
/// leaves.
#pragma once

#include "engine/compose_cli.hpp"
#include "target/compose/compose_projects.hpp"
#include "target/docker/docker_target.hpp"

#include <functional>
#include <string>
#include <vector>

namespace teal {

class ComposeTarget final : public DockerTarget {
public:
  explicit ComposeTarget(Services& services);

  [[nodiscard]] std::unique_ptr<Rollout> roll_out(const RolloutOrder& order) override;
  [[nodiscard]] std::vector<Error> obstacles(const Slot& slot, const AppSettings& settings) override;
  Settled settle(const FileLock& app_lock, const Slot& slot, const FindRouted& find_routed,
                 std::int64_t failed) override;
  void end(const Running& retired, Milliseconds stop_timeout) override;
  Revival revive(const Slot& slot, const Tell& tell) override;
  [[nodiscard]] Command run_once(const OneOffOrder& order) override;
  void discard(const Release& release, const std::vector<Release>& others) override;
  void keep_only(std::string_view app, const std::vector<Release>& kept) override;
  std::vector<std::string> remove(std::string_view app) override;

private:
  [[nodiscard]] ComposeProjects projects(std::string_view app);
  void remove_names(std::string_view app, const std::function<bool(const std::string&)>& is_meant);
  void discard_image(const Release& release, const std::string& service, const std::string& image,
                     const std::vector<Release>& others);

  engine::ComposeCli m_compose;
};

} // namespace teal
