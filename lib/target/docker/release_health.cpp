#include "target/docker/release_health.hpp"

#include "config/load.hpp"
#include "target/docker/address.hpp"
#include "target/plan.hpp"

namespace teal {

ReleaseHealth health_of(const Services& services, const Store& store, const std::string& app,
                        const engine::Container& container) {
  const AppSettings now = load_app_settings(services.home, app);
  const auto kept = store.history.release_settings(engine::number_in_label(container, label::k_release));
  return {
      .settings = kept ? plan_for_release(services.home, app, *kept).settings.health : now.health,
      .subject = {.container = container.id,
                  .network = network_name(app),
                  .container_port = port_of(container, now),
                  .published_address = local_address(now.bind),
                  .published_port = container.ports.empty() ? std::uint16_t{0} : container.ports.front().host_port}};
}

Probe probe_container(Services& services, const Store& store, const std::string& app,
                      const engine::Container& container) {
  const ReleaseHealth health = health_of(services, store, app, container);
  return HealthCheck(services.engine, health.settings).look(health.subject);
}

} // namespace teal
