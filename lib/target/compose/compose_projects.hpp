/// @file
/// ComposeProjects: an app's projects on the engine: brought up, given what both colors have in common, and cleared
/// away.
///
/// Invariant: a color's project goes, with its networks and its file, once nothing of a slot is left of it, and never
/// before. What is shared is brought up where it is missing and attached to each project's networks; no switch,
/// retirement or rollback ends it.
#pragma once

#include "engine/compose_cli.hpp"
#include "engine/engine_life.hpp"
#include "model/home.hpp"
#include "target/compose/compose_project.hpp"
#include "target/services.hpp"
#include "target/target.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

class ComposeProjects {
public:
  using Tell = std::function<void(const std::string&)>;

  ComposeProjects(Services& services, engine::ComposeCli& compose, std::string app)
      : m_services(services), m_compose(compose), m_app(std::move(app)) {}

  /// Of a project, in our folder; it may be missing.
  [[nodiscard]] std::filesystem::path file(const std::string& project) const;
  [[nodiscard]] std::filesystem::path folder() const { return m_services.home.app(m_app).compose(); }
  /// What its `up`, `run`, … begin with.
  [[nodiscard]] std::vector<std::string> arguments_for(const std::string& project) const;

  /// `command`, in place of entry point and arguments, once in a container of its own that goes when it ends.
  [[nodiscard]] std::vector<std::string> arguments_to_run(const std::string& project,
                                                          const std::vector<std::string>& command,
                                                          const std::vector<std::string>& options) const;

  void write(const std::string& project, const std::string& text) const;
  /// All of its services, from images that are there. `options` are further ones of `up`.
  void bring_up(const std::string& project, const std::string& what, const engine::OutputSink& sink,
                const std::vector<std::string>& options = {});
  /// Whatever containers a project has go: those of a runner that was killed, before it is made anew.
  void clear(const std::string& project);
  /// The networks that the services of a color have, and what they have in common with the other color: made, brought
  /// up and attached. `images` has those of the shared services.
  void prepare(const std::string& project, const ComposeModel& model, const ComposeImages& images,
               const engine::OutputSink& sink, const Tell& tell);
  /// Shared services that ought to run and do not are started again; and are attached where a project that runs has
  /// lost them.
  bool revive_shared(const std::optional<engine::EngineLife>& life, const Tell& tell);

  /// The project goes if nothing of a slot, and nobody's one-off container, is left of it.
  void sweep(const std::string& project);
  /// The same of all of the app's. The caller holds the app's lock.
  void sweep();
  /// All of them, and what is shared; but no volume.
  void remove();

private:
  [[nodiscard]] engine::Labels labels() const;
  [[nodiscard]] std::vector<engine::ContainerSummary> shared();
  void ensure_networks(const std::string& project, const ComposeModel& model, bool of_shared);
  void bring_up_shared(const ComposeModel& model, const ComposeImages& images, const engine::OutputSink& sink,
                       const Tell& tell);
  void attach_shared(const std::string& project);
  [[nodiscard]] std::set<std::string> projects();

  Services& m_services;
  engine::ComposeCli& m_compose;
  const std::string m_app;
};

} // namespace teal
