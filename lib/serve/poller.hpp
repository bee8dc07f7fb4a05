/// @file
/// Poller: looks at each app's sources of kind `poll`, each at its interval, and stores what is new there.
///
/// One that cannot be read is asked ever more rarely, and told once; and once more when it is back. Few threads look at
/// all of them in turn: one that hangs costs the others no more than its own deadline. Settings count as they are at
/// each look.
#pragma once

#include "model/home.hpp"
#include "process/subprocess.hpp"
#include "serve/lanes.hpp"
#include "serve/log.hpp"
#include "serve/settings_watch.hpp"
#include "trigger/poll.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace teal::serve {

class Poller {
public:
  struct Place {
    Home home;
    Environment environment;
    const Clock& clock;
    const Log& log;
    std::function<void(const std::string& app)> on_stored; ///< of an app that has new deliveries
  };

  explicit Poller(Place place);
  /// Ends the looks that are under way.
  ~Poller() = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// At all sources, now.
  void look() { m_watch.look(); }

private:
  struct State {
    SourceSettings settings; ///< the last that could be read
    int failures = 0;        ///< in a row
    std::string told;        ///< of what there is to say, the last
  };
  using Key = std::string; ///< "shop/mirror"

  void notice(const std::string& app);
  [[nodiscard]] std::optional<Milliseconds> look_at(const Key& key, const std::stop_token& end);
  [[nodiscard]] bool read_settings(const std::string& app, const std::string& source, State& state) const;
  void poll_source(const std::string& app, State& state, const std::stop_token& end);
  void tell(const std::string& app, State& state, const PollResult& result) const;

  Place m_place;
  std::mutex m_mutex; // of what follows; a lane's thread takes its own out, and puts it back
  std::map<Key, State> m_states;
  Lanes m_lanes;
  SettingsWatch m_watch; // last: it uses the others
};

/// Until the next look: the interval and up to a tenth more, so that many do not come at once; after `failures` in a
/// row twice as long for each, up to a quarter of an hour, or the interval if that is longer. `share`: 0 to 1, of that
/// tenth.
[[nodiscard]] Milliseconds pause_before_look(Milliseconds interval, int failures, double share);

} // namespace teal::serve
