#include "upkeep/retention.hpp"

#include "target/docker/artifact.hpp"

#include <set>

namespace teal {

namespace {

bool is_of_repository(const std::string& reference, const std::string& repository) {
  return reference.starts_with(repository + ":") || reference.starts_with(repository + "@");
}

/// Ids of releases that a container was made from, running or not.
std::set<std::string> releases_in_use(Services& services, std::string_view app) {
  std::set<std::string> releases;
  for (const auto& container : services.docker.containers().list(
           {{label::k_home, services.home.root.string()}, {label::k_app, std::string(app)}})) {
    releases.insert(engine::label_of(container.labels, label::k_release));
  }
  return releases;
}

} // namespace

void remove_image(engine::Images& images, const std::string& repository, const std::string& image) {
  const auto found = images.inspect(image);
  if (!found) {
    return;
  }
  for (const auto* names : {&found->tags, &found->digests}) {
    for (const std::string& name : *names) {
      if (is_of_repository(name, repository)) {
        images.remove(name);
      }
    }
  }
}

void remove_old_releases(Services& services, Store& store, std::string_view app, std::int64_t keep) {
  History& history = store.history;
  auto in_use = releases_in_use(services, app);
  for (const Live& live : store.traffic.history(app, 2)) {
    in_use.insert(std::to_string(live.release));
  }
  std::int64_t kept = 0;
  for (const Release& release : history.releases(app)) {
    const bool proven = history.has_succeeded(release.id);
    if (in_use.contains(std::to_string(release.id)) || (proven && kept < keep) || store.queue.is_awaited(release.id)) {
      kept += proven ? 1 : 0;
      continue;
    }
    remove_image(services.images, docker::repository_of(release.artifact), release.artifact);
    services.registry.remove_manifest(std::string(app), docker::digest_of(release.artifact));
    history.forget_release(release.id);
  }
}

} // namespace teal
