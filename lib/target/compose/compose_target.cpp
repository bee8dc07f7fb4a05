#include "target/compose/compose_target.hpp"

#include "core/text.hpp"
#include "process/files.hpp"
#include "target/command/release_folders.hpp"
#include "target/compose/compose_artifact.hpp"
#include "target/compose/compose_rollout.hpp"
#include "target/docker/artifact.hpp"
#include "target/docker/image_removal.hpp"
#include "target/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal {

namespace {

/// Keys of app.yml that a compose file says itself.
std::vector<std::string> keys_of_containers(const AppSettings& settings) {
  std::vector<std::string> keys;
  const auto note = [&](bool is_set, const char* key) {
    if (is_set) {
      keys.emplace_back(key);
    }
  };
  note(!settings.run.volumes.empty(), "run.volumes");
  note(!settings.run.args.empty(), "run.args");
  note(!settings.run.processes.empty(), "run.processes");
  note(settings.run.memory != 0, "run.memory");
  note(settings.run.cpus != 0, "run.cpus");
  note(settings.deploy.order == DeploySettings::Order::stop_first, "deploy.order: stop-first");
  return keys;
}

bool uses(const Release& release, const std::string& service, const std::string& image) {
  const std::string wanted = fmt::format(" {}@{} ", service, image);
  return fmt::format(" {} {} ", release.artifact, release.identity).find(wanted) != std::string::npos;
}

} // namespace

ComposeTarget::ComposeTarget(Services& services)
    : DockerTarget(services), m_compose(services.engine, services.cli, services.environment) {}

ComposeProjects ComposeTarget::projects(std::string_view app) {
  return {services(), m_compose, std::string(app)};
}

std::unique_ptr<Rollout> ComposeTarget::roll_out(const RolloutOrder& order) {
  return std::make_unique<ComposeRollout>(services(), m_compose, order);
}

std::vector<Error> ComposeTarget::obstacles(const Slot& slot, const AppSettings& settings) {
  std::vector<Error> found;
  if (!services().engine.is_local()) { // which could not mount what is checked out here
    found.emplace_back(ErrorKind::settings,
                       fmt::format("compose projects are run by an engine of this host, and engine.host is '{}'",
                                   services().engine.host()));
  }
  if (const auto keys = keys_of_containers(settings); !keys.empty()) {
    found.emplace_back(ErrorKind::settings,
                       fmt::format("{} of app.yml {} not for compose projects: say it in the compose file",
                                   join(keys, ", "), keys.size() == 1 ? "is" : "are"));
  }
  try {
    static_cast<void>(m_compose.name());
  } catch (const Error& error) {
    found.push_back(error);
  }
  const auto more = DockerTarget::obstacles(slot, settings);
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

Settled ComposeTarget::settle(const FileLock& app_lock, const Slot& slot, const FindRouted& find_routed,
                              std::int64_t failed) {
  Settled settled = DockerTarget::settle(app_lock, slot, find_routed, failed);
  projects(slot.app).sweep();
  return settled;
}

void ComposeTarget::end(const Running& retired, Milliseconds stop_timeout) {
  DockerTarget::end(retired, stop_timeout);
  if (retired.color) {
    projects(retired.app).sweep(compose_project_name(services().slot(retired.app, *retired.color), retired.deployment));
  }
}

Revival ComposeTarget::revive(const Slot& slot, const Tell& tell) {
  const bool is_well = projects(slot.app).revive_shared(life(), tell);
  Revival revival = DockerTarget::revive(slot, tell);
  revival.is_well = revival.is_well && is_well;
  return revival;
}

/// In the networks of what runs, as its project's file says.
Command ComposeTarget::run_once(const OneOffOrder& order) {
  const auto now = current(order.slot);
  const ComposeProjects of_app = projects(order.slot.app);
  const std::string project = compose_project_name(order.slot, now ? now->deployment : 0);
  if (!now || !files::exists(of_app.file(project))) {
    throw Error(ErrorKind::usage, fmt::format("nothing of '{}' runs on {} as a compose project", order.slot.app,
                                              to_string(order.slot.color)));
  }
  std::vector<std::string> options{"--no-deps"};
  if (!order.terminal) {
    options.emplace_back("-T");
  }
  return m_compose.command(of_app.arguments_to_run(project, order.command, options));
}

void ComposeTarget::discard_image(const Release& release, const std::string& service, const std::string& image,
                                  const std::vector<Release>& others) {
  const auto shares = [&](const Release& other) { return uses(other, service, image); };
  if (std::any_of(others.begin(), others.end(), shares)) {
    return;
  }
  const std::string repository = image_repository_of(services().image_repository(release.app), service);
  const bool is_published = !release.artifact.empty();
  const std::string reference = is_published ? fmt::format("{}@{}", repository, image) : image;
  if (const auto found = services().images.inspect(reference)) {
    remove_image(services().images, repository, *found);
  }
  if (is_published) {
    services().registry.remove_manifest(repository.substr(services().settings.registry.address.size() + 1), image);
  }
}

/// Of its images, and of those that were built for what both colors share, which no release has.
void ComposeTarget::remove_names(std::string_view app, const std::function<bool(const std::string&)>& is_meant) {
  for (const engine::Image& image : services().images.list(services().image_repository(app) + "/*")) {
    for (const auto* names : {&image.tags, &image.digests}) {
      for (const std::string& name : *names) {
        if (is_meant(name)) {
          services().images.remove(name);
        }
      }
    }
  }
}

void ComposeTarget::discard(const Release& release, const std::vector<Release>& others) {
  const auto artifact = ComposeArtifact::of(release);
  if (!artifact) {
    DockerTarget::discard(release, others);
    return;
  }
  for (const auto& [service, image] : artifact->images) {
    discard_image(release, service, image, others);
  }
  const auto has_commit = [&](const Release& other) { return other.commit == release.commit; };
  if (std::none_of(others.begin(), others.end(), has_commit)) {
    remove_names(release.app, [&](const std::string& name) { return name.ends_with(":" + release.commit); });
  }
  files::remove_all(ReleaseFolders(projects(release.app).folder()).folder(artifact->folder));
}

/// Folders, each of which has a whole commit.
void ComposeTarget::keep_only(std::string_view app, const std::vector<Release>& kept) {
  std::set<std::string> folders;
  for (const Release& release : kept) {
    if (const auto artifact = ComposeArtifact::of(release)) {
      folders.insert(artifact->folder);
    }
  }
  ReleaseFolders(projects(app).folder()).keep_only(folders);
}

std::vector<std::string> ComposeTarget::remove(std::string_view app) {
  for (const Color color : k_colors) {
    services().docker.remove_all(services().slot(app, color));
  }
  projects(app).remove();
  remove_names(app, [](const std::string&) { return true; });
  return DockerTarget::remove(app);
}

} // namespace teal
