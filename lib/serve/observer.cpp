#include "serve/observer.hpp"

#include "config/load.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "serve/backoff.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <random>

namespace teal::serve {

namespace {

constexpr std::chrono::seconds k_between_checks{300};
constexpr std::chrono::seconds k_jitter{60}; ///< many servers do not ask a forge at one moment
constexpr Milliseconds k_between_looks{200}; ///< at least, whatever happens all the time
constexpr Milliseconds k_without_watch = std::chrono::seconds(5);
constexpr Milliseconds k_without_store = std::chrono::seconds(30);
constexpr Milliseconds k_farewell = std::chrono::seconds(5); ///< for each webhook that goes

Milliseconds until_next_check() {
  std::random_device random;
  return k_between_checks +
         Milliseconds(std::uniform_int_distribution<std::int64_t>(0, Milliseconds(k_jitter).count())(random));
}

/// Whether there was anything.
bool drain(const Descriptor& inotify) {
  std::array<char, 4096> events{};
  bool has_any = false;
  while (read_some(inotify.number(), events.data(), events.size()) > 0) {
    has_any = true;
  }
  return has_any;
}

} // namespace

Observer::Observer(Place place)
    : m_place(std::move(place)), m_statuses(m_place.home, m_place.clock, m_place.log),
      m_wake(own(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an event")) {}

Observer::~Observer() {
  end();
}

void Observer::start() {
  m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Observer::look(const std::string& app) {
  {
    const std::lock_guard guard(m_mutex);
    m_changed_apps.insert(app);
  }
  wake();
}

void Observer::look() {
  {
    const std::lock_guard guard(m_mutex);
    m_all_changed = true;
  }
  wake();
}

void Observer::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(m_wake.number(), &one, sizeof one)); // it can only be full, and then it is told already
}

void Observer::end() {
  if (!m_thread.joinable()) {
    return;
  }
  m_thread.request_stop();
  wake();
  m_thread.join();
  unregister_all();
}

void Observer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      Store store(m_place.home.store(), m_place.clock);
      while (!stop.stop_requested()) {
        m_version = store.database.version(); // first: what is stored from now on is looked at again
        const auto next = attend(store, stop);
        m_fault.clear();
        if (!stop.stop_requested()) {
          wait(store, next);
          sleep_unless(stop, k_between_looks); // what comes in a burst is one change
        }
      }
    } catch (const std::exception& error) {
      if (!stop.stop_requested() && m_fault != error.what()) {
        m_fault = error.what();
        m_place.log.error(fmt::format("what is observed waits, and is tried every {} s: {}",
                                      k_without_store.count() / 1000, m_fault));
      }
      m_store.close();
      pollfd news{m_wake.number(), POLLIN, 0};
      ::poll(&news, 1, static_cast<int>(k_without_store.count()));
    }
  }
}

/// The sources that are observed, as the settings have them now.
void Observer::refresh() {
  std::set<std::string> apps;
  bool is_all = false;
  {
    const std::lock_guard guard(m_mutex);
    apps.swap(m_changed_apps);
    is_all = std::exchange(m_all_changed, false);
  }
  if (is_all) {
    const auto all = list_apps(m_place.home);
    apps.insert(all.begin(), all.end());
    std::erase_if(m_apps, [&](const auto& one) { return std::find(all.begin(), all.end(), one.first) == all.end(); });
  }
  for (const std::string& app : apps) {
    read_app(app);
  }
  for (auto& [key, attempt] : m_attempts) {
    if (is_all && attempt.failures > 0) { // it may have been mended
      attempt.due = {};
    }
  }
  std::erase_if(m_attempts, [this](const auto& one) {
    const auto app = m_apps.find(one.first.first);
    return app == m_apps.end() || std::none_of(app->second.begin(), app->second.end(), [&](const auto& source) {
             return source.settings.name == one.first.second;
           });
  });
}

/// Settings that are wrong leave it as it was: whoever reads them next says so.
void Observer::read_app(const std::string& app) {
  try {
    auto sources = observed_sources(m_place.home, app);
    if (sources.empty()) {
      m_apps.erase(app);
    } else {
      m_apps[app] = std::move(sources);
    }
  } catch (const Error&) {
    return;
  }
}

/// Returns when the next of it is due.
std::optional<Observer::Time> Observer::attend(Store& store, const std::stop_token& stop) {
  watch_settings(); // first: what changes from now on is read again
  if (drain(m_settings)) {
    const std::lock_guard guard(m_mutex);
    m_all_changed = true;
  }
  refresh();
  std::optional<Time> next;
  const auto note = [&next](Time due) { next = std::min(next.value_or(due), due); };
  const auto tell = [&] {
    if (const auto again = m_statuses.work(store, m_apps, stop)) {
      note(std::chrono::steady_clock::now() + *again);
    }
  };
  tell();
  for (const auto& [app, sources] : m_apps) {
    for (const ObservedSource& source : sources) {
      Attempt& attempt = m_attempts[{app, source.settings.name}];
      if (attempt.due <= std::chrono::steady_clock::now() && !stop.stop_requested()) {
        attend_to(store, source, attempt, stop);
        tell(); // a check may have taken long
      }
      note(attempt.due);
    }
  }
  if (!watch_store()) {
    note(std::chrono::steady_clock::now() + k_without_watch);
  }
  return next;
}

void Observer::register_at(const ObservedSource& source, forge::ForgeApi& api) {
  const Key key{source.app, source.settings.name};
  const bool is_first = !m_registered.contains(key); // and one that was left behind may have another secret
  const Registration made = register_hook(m_place.home, source, api, is_first);
  m_registered.insert_or_assign(key, source);
  if (is_first || made.outcome != Registration::Outcome::unchanged) {
    m_place.log.info(fmt::format("the webhook at '{}' is {}{}", source.settings.repo, to_string(made.outcome),
                                 made.mended.empty() ? "" : ": " + join(made.mended, ", ")),
                     {{"app", source.app}, {"source", source.settings.name}});
  }
}

/// Registers it where that is wanted, then looks for what was missed.
void Observer::attend_to(Store& store, const ObservedSource& source, Attempt& attempt, const std::stop_token& stop) {
  const Log::Fields fields{{"app", source.app}, {"source", source.settings.name}};
  try {
    const auto api = api_of(m_place.home, source, {.longest_wait = Milliseconds(0), .interrupt = stop}, m_place.clock);
    const MissedPlace place{m_place.home, m_place.environment, m_place.clock, m_place.log, store, stop, m_place.notice};
    if (m_place.registers) {
      register_at(source, *api);
      if (!attempt.has_looked) { // what was pushed while there was no webhook
        look_at_branches(place, source);
        attempt.has_looked = true;
      }
    }
    fetch_missed(place, source, *api);
    if (settle_rotation(m_place.home, source, *api)) {
      m_place.log.info("the secret before is good no more", fields);
    }
    if (std::exchange(attempt.failures, 0) > 0) {
      m_place.log.info("the forge and the source can be asked again", fields);
    }
    attempt.due = std::chrono::steady_clock::now() + until_next_check();
  } catch (const Error& error) {
    if (attempt.failures++ == 0 && !stop.stop_requested()) { // and not again until it is over
      m_place.log.warn(fmt::format("is tried again: {}", error.message()), fields);
    }
    Milliseconds pause = backoff(attempt.failures - 1);
    if (const auto* refusal = dynamic_cast<const forge::ApiError*>(&error); refusal != nullptr && refusal->until()) {
      pause = std::max(pause, *refusal->until() - m_place.clock.now());
    }
    attempt.due = std::chrono::steady_clock::now() + pause;
  }
}

void Observer::unregister_all() {
  for (const auto& [key, source] : m_registered) {
    const Log::Fields fields{{"app", source.app}, {"source", source.settings.name}};
    try {
      const auto api = api_of(m_place.home, source,
                              {.tries = 1, .deadline = k_farewell, .longest_wait = Milliseconds(0)}, m_place.clock);
      static_cast<void>(unregister_hook(source, *api));
      m_place.log.info(fmt::format("the webhook at '{}' is removed", source.settings.repo), fields);
    } catch (const Error& error) {
      m_place.log.error(fmt::format("the webhook at '{}' is still there: {}", source.settings.repo, error.message()),
                        fields);
    }
  }
  m_registered.clear();
}

/// As far as the kernel has watches to give: without, a change is seen with the next delivery, or a SIGHUP.
void Observer::watch_settings() {
  if (!m_settings) {
    m_settings = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  }
  ::inotify_add_watch(m_settings.number(), m_place.home.apps().c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
  for (const std::string& app : list_apps(m_place.home)) {
    ::inotify_add_watch(m_settings.number(), m_place.home.app(app).root.c_str(), IN_MOVED_TO | IN_ONLYDIR);
  }
}

/// Deployments go on in other processes: that they store something is told by the store's write-ahead log. False where
/// it cannot be.
bool Observer::watch_store() {
  const bool is_needed = std::any_of(m_apps.begin(), m_apps.end(), [](const auto& app) {
    return std::any_of(app.second.begin(), app.second.end(), [](const auto& source) { return source.reports(); });
  });
  if (!is_needed || m_store) {
    if (!is_needed) {
      m_store.close();
    }
    return true;
  }
  m_store = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const std::string log = m_place.home.store().string() + "-wal"; // there as long as the store is open
  if (::inotify_add_watch(m_store.number(), log.c_str(), IN_MODIFY) < 0) {
    m_store.close();
  }
  return static_cast<bool>(m_store);
}

/// Until something is to be looked at.
void Observer::wait(Store& store, const std::optional<Time>& until) {
  // A negative number is ignored.
  std::array<pollfd, 3> news{
      {{m_wake.number(), POLLIN, 0}, {m_settings.number(), POLLIN, 0}, {m_store.number(), POLLIN, 0}}};
  while (!m_store || store.database.version() == m_version) {
    int timeout = -1;
    if (until) {
      const auto left = std::chrono::ceil<Milliseconds>(*until - std::chrono::steady_clock::now());
      timeout = static_cast<int>(std::max(left, Milliseconds(0)).count());
    }
    if (::poll(news.data(), news.size(), timeout) <= 0) {
      return;
    }
    std::uint64_t told = 0;
    static_cast<void>(read_some(m_wake.number(), reinterpret_cast<char*>(&told), sizeof told));
    if (news[0].revents != 0 || news[1].revents != 0) {
      return;
    }
    static_cast<void>(drain(m_store));
  }
}

} // namespace teal::serve
