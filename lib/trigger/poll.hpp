/// @file
/// Poll: one look at what a source's branch or tags are now. What is new or has moved becomes deliveries, which say
/// that there may be something to deploy, as a forge's do.
///
/// Invariant: a ref is stored as seen after its delivery is, and the same change has the same sender's id: a killed
/// look is followed by one that loses nothing and asks for nothing twice. What did not change is neither fetched nor
/// asked for again, whatever came of it; but once app.yml has changed, what was refused by the one before is.
#pragma once

#include "config/settings.hpp"
#include "git/remote.hpp"
#include "model/home.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace teal {

struct PollVerdict {
  std::vector<PolledRef> asked;  ///< the highest version last
  std::vector<PolledRef> seen;   ///< all that are there, by name
  std::vector<std::string> gone; ///< that were there
  std::size_t passed_over = 0;   ///< new ones that are not asked for
};

/// What is to become of the refs that are `there`, by name, of which `before` was known. At the first look, and of very
/// many at once, only the highest versions are asked for.
[[nodiscard]] PollVerdict compare_refs(const std::vector<git::RemoteRef>& there, const std::vector<PolledRef>& before,
                                       TimePoint settings_changed, TimePoint now);

struct PollResult {
  std::vector<StoredDelivery> deliveries; ///< that were stored, or wait anew
  std::vector<std::string> gone;          ///< full names
  std::size_t passed_over = 0;
  std::size_t there = 0; ///< refs that the source looks at
};

struct PollPlace {
  const Home& home;
  Environment environment; ///< of git and ssh
  std::stop_token interrupt = {};
};

/// Looks once, for half a minute at most. Throws what git::list_refs() does where the source cannot be read, then
/// nothing is stored.
[[nodiscard]] PollResult poll(Store& store, const PollPlace& place, const std::string& app,
                              const SourceSettings& source, TimePoint now);

/// The app's sources of that kind.
[[nodiscard]] std::vector<SourceSettings> polled_sources(const AppSettings& settings);

} // namespace teal
