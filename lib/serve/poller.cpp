#include "serve/poller.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "model/event.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace teal::serve {

namespace {

constexpr std::size_t k_threads = 2;
constexpr Milliseconds k_longest_pause = std::chrono::minutes(15);

double random_share() {
  thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string key_of(const std::string& app, const std::string& source) {
  return app + "/" + source;
}

} // namespace

Milliseconds pause_before_look(Milliseconds interval, int failures, double share) {
  constexpr int k_most_doublings = 20;
  const Milliseconds longest = std::max(interval, k_longest_pause);
  const Milliseconds pause = std::min(longest, interval * (std::int64_t{1} << std::min(failures, k_most_doublings)));
  return pause + Milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * share / 10));
}

Poller::Poller(Place place)
    : m_place(std::move(place)),
      m_lanes(k_threads, [this](const std::string& key, const std::stop_token& end) { return look_at(key, end); }),
      m_watch(m_place.home, m_place.log, [this](const std::string& app) { notice(app); }) {}

/// Also of settings that cannot be read, for the look to say so, where the app had sources.
void Poller::notice(const std::string& app) {
  std::vector<std::string> keys;
  {
    const std::lock_guard guard(m_mutex);
    for (const auto& [key, state] : m_states) {
      if (key.starts_with(app + "/")) {
        keys.push_back(key);
      }
    }
  }
  try {
    for (const SourceSettings& source : polled_sources(load_app_settings(m_place.home, app))) {
      keys.push_back(key_of(app, source.name));
    }
  } catch (const Error&) {
  }
  for (const std::string& key : keys) {
    m_lanes.notice(key);
  }
}

std::optional<Milliseconds> Poller::look_at(const Key& key, const std::stop_token& end) {
  const std::size_t slash = key.find('/');
  const std::string app = key.substr(0, slash);
  State state;
  {
    const std::lock_guard guard(m_mutex);
    state = m_states[key];
  }
  try {
    if (!read_settings(app, key.substr(slash + 1), state)) {
      m_place.log.info("is looked at no more", {{"app", app}, {"source", key.substr(slash + 1)}});
      const std::lock_guard guard(m_mutex);
      m_states.erase(key);
      return std::nullopt;
    }
    poll_source(app, state, end);
  } catch (const std::exception& error) {
    if (end.stop_requested()) {
      return std::nullopt;
    }
    if (state.failures++ == 0) {
      m_place.log.warn(fmt::format("cannot be looked at, and is asked ever more rarely: {}", error.what()),
                       {{"app", app}, {"source", state.settings.name}});
    }
  }
  const std::lock_guard guard(m_mutex);
  m_states[key] = state;
  return pause_before_look(state.settings.interval, state.failures, random_share());
}

/// False if there is no such source any more. Where the settings are wrong it stays as it was.
bool Poller::read_settings(const std::string& app, const std::string& source, State& state) const {
  if (!files::exists(m_place.home.app(app).settings())) {
    return false;
  }
  state.settings.name = source;
  const auto sources = polled_sources(load_app_settings(m_place.home, app));
  const auto found =
      std::find_if(sources.begin(), sources.end(), [&](const SourceSettings& one) { return one.name == source; });
  if (found == sources.end()) {
    return false;
  }
  state.settings = *found;
  return true;
}

void Poller::poll_source(const std::string& app, State& state, const std::stop_token& end) {
  Store store(m_place.home.store(), m_place.clock);
  const PollResult result =
      poll(store, {m_place.home, m_place.environment, end}, app, state.settings, m_place.clock.now());
  if (std::exchange(state.failures, 0) > 0) {
    m_place.log.info("can be looked at again", {{"app", app}, {"source", state.settings.name}});
  }
  tell(app, state, result);
  if (!result.deliveries.empty()) {
    m_place.on_stored(app);
  }
}

/// What comes of a delivery is told by whoever works it off.
void Poller::tell(const std::string& app, State& state, const PollResult& result) const {
  const Log::Fields fields{{"app", app}, {"source", state.settings.name}};
  for (const std::string& ref : result.gone) {
    m_place.log.info(fmt::format("'{}' is gone there; what runs stays as it is", printable(short_ref(ref))), fields);
  }
  if (result.passed_over > 0) {
    m_place.log.info(
        fmt::format("{} tags that were there are passed over: only the highest are asked for", result.passed_over),
        fields);
  }
  std::string missing;
  if (result.there == 0) {
    missing = state.settings.tag.empty() ? fmt::format("there is no branch '{}' yet", state.settings.branch)
                                         : fmt::format("there is no tag '{}' yet", state.settings.tag);
  }
  if (std::exchange(state.told, missing) != missing && !missing.empty() && result.gone.empty()) {
    m_place.log.warn(missing, fields);
  }
}

} // namespace teal::serve
