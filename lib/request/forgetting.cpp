#include "request/forgetting.hpp"

#include "config/load.hpp"
#include "process/files.hpp"

namespace teal {

void forget_old_events(const Home& home, Store& store, std::string_view app) {
  const Milliseconds age = load_server_settings(home).serve.keep_events;
  for (const std::int64_t deployment : store.queue.forget_older(app, age)) {
    files::remove(home.app(app).log(deployment));
  }
  store.deliveries.forget_before(store.clock.now() - age);
}

} // namespace teal
