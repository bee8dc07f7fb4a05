#include "upkeep/retention.hpp"

namespace teal {

void remove_old_releases(Services& services, Store& store, std::string_view app, std::int64_t keep) {
  History& history = store.history;
  Target& target = services.target(app);
  auto in_use = target.releases_in_use(app);
  for (const Live& live : store.traffic.history(app, 2)) {
    in_use.insert(live.release);
  }
  std::int64_t kept = 0;
  for (const Release& release : history.releases(app)) {
    const bool proven = history.has_succeeded(release.id);
    if (in_use.contains(release.id) || (proven && kept < keep) || store.queue.is_awaited(release.id)) {
      kept += proven ? 1 : 0;
      continue;
    }
    target.discard(release);
    history.forget_release(release.id);
  }
}

} // namespace teal
