#include "serve/replica_watch.hpp"

#include "store/store.hpp"
#include "target/services.hpp"
#include "traffic/follow.hpp"

#include <utility>

namespace teal::serve {

namespace {

constexpr std::size_t k_threads = 2;
constexpr Milliseconds k_pause{1000};

} // namespace

ReplicaWatch::ReplicaWatch(Place place)
    : m_place(std::move(place)),
      m_lanes(k_threads, [this](const std::string& app, const std::stop_token& /*end*/) { return look_at(app); }),
      m_watch(m_place.home, m_place.log, [this](const std::string& app) { m_lanes.notice(app); }) {}

/// What goes wrong is tried again a second later, as long as the app is there.
std::optional<Milliseconds> ReplicaWatch::look_at(const std::string& app) {
  try {
    Services services(m_place.home, m_place.environment);
    if (!services.target(app).moves_replicas()) {
      return std::nullopt;
    }
    Store store(m_place.home.store(), m_place.clock);
    if (follow_replicas(services, store, app)) {
      m_place.log.info("the router follows its replicas to where they are now", {{"app", app}});
    }
    tell(app, "");
  } catch (const std::exception& error) {
    tell(app, error.what());
  }
  return k_pause;
}

/// Once for each fault.
void ReplicaWatch::tell(const std::string& app, const std::string& fault) {
  const std::lock_guard guard(m_mutex);
  if (std::exchange(m_faults[app], fault) != fault) {
    if (fault.empty()) {
      m_place.log.info("its replicas can be followed again", {{"app", app}});
    } else {
      m_place.log.warn("its replicas cannot be followed now, and get what they got: " + fault, {{"app", app}});
    }
  }
}

} // namespace teal::serve
