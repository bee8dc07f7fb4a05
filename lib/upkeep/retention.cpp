#include "upkeep/retention.hpp"

#include "config/load.hpp"

namespace teal {

namespace {

struct Sorted {
  std::vector<Release> kept;
  std::vector<Release> old;
};

/// Of a target's releases, newest first: kept are the newest `keep` that a deployment succeeded with, those in use and
/// those that are awaited.
Sorted sort_releases(const Store& store, std::vector<Release> releases, const std::set<std::int64_t>& in_use,
                     std::int64_t keep) {
  Sorted sorted;
  std::int64_t proven_kept = 0;
  for (Release& release : releases) {
    const bool proven = store.history.has_succeeded(release.id);
    const bool stays =
        in_use.contains(release.id) || (proven && proven_kept < keep) || store.queue.is_awaited(release.id);
    proven_kept += stays && proven ? 1 : 0;
    (stays ? sorted.kept : sorted.old).push_back(std::move(release));
  }
  return sorted;
}

void keep_few_of(Services& services, Store& store, std::string_view app, const std::string& target, std::int64_t keep) {
  std::set<std::int64_t> in_use;
  if (const auto now = store.history.current_at(app, Destination::parse(target).value())) {
    in_use.insert(now->release);
  }
  const Sorted sorted = sort_releases(store, store.history.releases_of(app, target), in_use, keep);
  std::set<std::string> artifacts;
  for (const Release& release : sorted.kept) {
    artifacts.insert(release.artifact);
  }
  for (const Release& release : sorted.old) {
    store.history.forget_release(release.id);
  }
  services.plain_target(app, target)->keep_only(artifacts);
}

void keep_few_of_colors(Services& services, Store& store, std::string_view app, std::int64_t keep) {
  auto releases = store.history.releases_of(app, k_docker_target);
  if (releases.empty()) {
    return;
  }
  Target& target = services.target(app);
  auto in_use = target.releases_in_use(app);
  for (const Live& live : store.traffic.history(app, 2)) {
    in_use.insert(live.release);
  }
  const Sorted sorted = sort_releases(store, std::move(releases), in_use, keep);
  for (const Release& release : sorted.old) {
    target.discard(release, sorted.kept);
    store.history.forget_release(release.id);
  }
  target.keep_only(app, sorted.kept);
}

} // namespace

void remove_old_releases(Services& services, Store& store, std::string_view app) {
  const AppSettings settings = load_app_settings(services.home, app);
  const std::int64_t keep = settings.deploy.keep_releases;
  std::optional<Error> fault;
  const auto go_on = [&](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      fault = error;
    }
  };
  for (const auto& [name, target] : settings.targets) {
    if (!target.has_colors()) {
      go_on([&, name = name] { keep_few_of(services, store, app, name, keep); });
    }
  }
  go_on([&] { keep_few_of_colors(services, store, app, keep); });
  if (fault) {
    throw Error(*fault);
  }
}

} // namespace teal
