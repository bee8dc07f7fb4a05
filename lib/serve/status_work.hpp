/// @file
/// StatusWork: what becomes of the deployments of observed sources, told to their forges.
///
/// What is to be told is in the store, so a daemon that was killed is followed by one that tells it. Only the newest
/// state counts: what a forge was not told in time is left out. Where one is away, it is tried again for a day, ever
/// more rarely.
#pragma once

#include "serve/log.hpp"
#include "serve/observation.hpp"
#include "store/store.hpp"

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace teal::serve {

/// By app.
using ObservedApps = std::map<std::string, std::vector<ObservedSource>>;

class StatusWork {
public:
  StatusWork(Home home, const Clock& clock, const Log& log) : m_home(std::move(home)), m_clock(clock), m_log(log) {}

  /// Notes what is new of these apps, and tells what is due. Returns after how long it has to be called again by
  /// itself, if it has to. Throws Error where the store cannot be used.
  [[nodiscard]] std::optional<Milliseconds> work(Store& store, const ObservedApps& apps, const std::stop_token& end);

private:
  using Key = std::pair<std::string, std::string>; ///< app and source

  [[nodiscard]] TimePoint due_of(const StatusReport& report) const;
  void note_new(Store& store, const ObservedApps& apps) const;
  void report(Store& store, const ObservedSource& source, StatusReport& report, const Deployment& deployment,
              const std::stop_token& end);
  void tell_forge(Store& store, forge::ForgeApi& api, const ObservedSource& source, StatusReport& report,
                  const Deployment& deployment);
  void note_failure(Store& store, StatusReport& report, const Error& error);
  [[nodiscard]] forge::ForgeApi& api_for(const ObservedSource& source, const std::stop_token& end);

  Home m_home;
  const Clock& m_clock;
  const Log& m_log;
  std::map<Key, std::unique_ptr<forge::ForgeApi>> m_apis; ///< of one call of work()
  std::map<Key, TimePoint> m_away;                        ///< until then, each of a source's reports would fail
};

/// What a forge is told of it.
[[nodiscard]] forge::CommitStatus status_of(const Deployment& deployment, const std::string& public_url);

} // namespace teal::serve
