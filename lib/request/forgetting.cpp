#include "request/forgetting.hpp"

#include "config/load.hpp"
#include "process/files.hpp"
#include "store/old_events.hpp"

namespace teal {

void forget_old_events(const Home& home, Store& store, std::string_view app) {
  const TimePoint before = store.clock.now() - load_server_settings(home).serve.keep_events;
  for (const std::int64_t deployment : forget_old_deployments(store.database, app, before)) {
    files::remove(home.app(app).log(deployment));
  }
  store.deliveries.forget_before(before);
}

} // namespace teal
