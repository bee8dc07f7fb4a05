#include "target/release_health.hpp"

#include "config/load.hpp"
#include "target/plan.hpp"

namespace teal {

HealthSettings health_of_release(const Home& home, const History& history, std::string_view app, std::int64_t release) {
  const auto kept = history.release_settings(release);
  return kept ? plan_for_release(home, app, *kept).settings.health : load_app_settings(home, app).health;
}

} // namespace teal
