/// @file
/// ComposeRollout: a commit's compose file made into a project beside what serves: built, kept in the registry, brought
/// up by compose.
///
/// Invariant: as of DockerRollout, whose containers these are by name and label. What a release needs again is its
/// commit, which is kept in a folder of its own, and its images by digest: a rollback builds nothing.
#pragma once

#include "engine/compose_cli.hpp"
#include "target/command/release_folders.hpp"
#include "target/compose/compose_artifact.hpp"
#include "target/compose/compose_projects.hpp"
#include "target/compose/compose_render.hpp"
#include "target/docker/docker_rollout.hpp"

#include <map>
#include <optional>
#include <string>

namespace teal {

class ComposeRollout final : public DockerRollout {
public:
  ComposeRollout(Services& services, engine::ComposeCli& compose, const RolloutOrder& order);

  [[nodiscard]] Release produce(const git::Repository& repository) override;
  [[nodiscard]] Release obtain() override;
  [[nodiscard]] std::string publish(const Release& release) override;
  void fetch(const Release& release) override;
  void prepare(const Release& release) override;
  [[nodiscard]] std::string start(const Release& release) override;

private:
  [[nodiscard]] const std::string& service() const { return compose_settings(order().plan.settings).service; }
  [[nodiscard]] std::string repository_of(const std::string& service) const;
  [[nodiscard]] std::string check_out(const git::Repository& repository, const std::string& id);
  [[nodiscard]] ComposeModel render(const std::string& commit, const std::string& folder);
  [[nodiscard]] std::string build(const std::string& commit);
  [[nodiscard]] std::string pull_named();
  void take_in(const std::string& service, const std::string& reference, const std::string& commit);
  [[nodiscard]] bool tag_at_registry(const std::string& repository, const std::string& digest,
                                     const std::vector<std::string>& tags);
  void settle_port(const Release& release);
  void write_project(const Release& release);
  [[nodiscard]] std::function<void(std::string_view)> show();

  engine::ComposeCli& m_compose;
  ComposeProjects m_projects;
  const ReleaseFolders m_folders;
  const std::string m_project;
  std::optional<ComposeModel> m_model;
  std::map<std::string, engine::Image> m_built; ///< of the color's services, made or brought in by this rollout
  ComposeImages m_shared_images;
};

} // namespace teal
