#include "upkeep/retention.hpp"

namespace teal {

void remove_old_releases(Services& services, Store& store, std::string_view app, std::int64_t keep) {
  History& history = store.history;
  Target& target = services.target(app);
  auto in_use = target.releases_in_use(app);
  for (const Live& live : store.traffic.history(app, 2)) {
    in_use.insert(live.release);
  }
  std::int64_t proven_kept = 0;
  std::vector<Release> kept;
  std::vector<Release> old;
  for (Release& release : history.releases(app)) {
    const bool proven = history.has_succeeded(release.id);
    const bool stays =
        in_use.contains(release.id) || (proven && proven_kept < keep) || store.queue.is_awaited(release.id);
    proven_kept += stays && proven ? 1 : 0;
    (stays ? kept : old).push_back(std::move(release));
  }
  for (const Release& release : old) {
    target.discard(release, kept);
    history.forget_release(release.id);
  }
}

} // namespace teal
