#include "serve/missed.hpp"

#include "config/deploy_rules.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace teal::serve {

namespace {

constexpr std::chrono::hours k_kept{72};      ///< GitHub delivers nothing again that is older
constexpr std::chrono::minutes k_overlap{10}; ///< for what was on its way, and clocks that differ
constexpr int k_most_attempts = 4;            ///< then it is left to people
constexpr Milliseconds k_fetch_deadline = std::chrono::minutes(2);

/// All attempts to deliver one event.
struct Attempts {
  std::string newest; ///< its id
  TimePoint at;       ///< of that
  int count = 0;
  bool has_arrived = false;
};

std::map<std::string, Attempts> by_event(const std::vector<forge::Delivered>& deliveries) {
  std::map<std::string, Attempts> events;
  for (const forge::Delivered& one : deliveries) { // newest first
    if (one.is_push && !one.guid.empty()) {
      Attempts& attempts = events[one.guid];
      if (attempts.count++ == 0) {
        attempts.newest = one.id;
        attempts.at = one.at;
      }
      attempts.has_arrived = attempts.has_arrived || one.has_arrived;
    }
  }
  return events;
}

using Events = std::map<std::string, Attempts>;

/// Takes out those that reached us, whatever the forge makes of our answer.
Events missed_of(const MissedPlace& place, const ObservedSource& source, Events events) {
  std::erase_if(events, [&](const auto& one) {
    return one.second.has_arrived || place.store.deliveries.has(source.app, source.settings.name, one.first);
  });
  return events;
}

void ask_again(const MissedPlace& place, const ObservedSource& source, forge::ForgeApi& api) {
  const std::string& name = source.settings.name;
  const TimePoint now = place.clock.now();
  const TimePoint oldest = now - k_kept;
  const auto last = place.store.source_checks.checked(source.app, name);
  const auto hooks = api.hooks();
  const auto ours = std::find_if(hooks.begin(), hooks.end(),
                                 [url = source.hook_url()](const forge::Hook& one) { return one.url == url; });
  if (ours == hooks.end()) {
    throw Error(ErrorKind::environment, fmt::format("no webhook of '{}' delivers here: tealhook observe {} --source {}",
                                                    source.settings.repo, source.app, name));
  }
  const auto since = last ? std::max(*last - k_overlap, oldest) : oldest;
  Events missed = missed_of(place, source, by_event(api.deliveries(ours->id, since)));
  if (!missed.empty() && since != oldest) { // how often each was tried, only all of them tell
    missed = missed_of(place, source, by_event(api.deliveries(ours->id, oldest)));
  }
  for (const auto& [guid, attempts] : missed) {
    const Log::Fields fields{{"app", source.app}, {"source", name}, {"delivery", printable(guid)}};
    if (attempts.count < k_most_attempts) {
      api.redeliver(ours->id, attempts.newest);
      place.log.info("a delivery that did not reach us is asked for again", fields);
    } else if (!last || attempts.at > *last - std::chrono::seconds(1)) { // forges tell whole seconds
      place.log.error(fmt::format("{} attempts to deliver it failed: it is not asked for again", attempts.count),
                      fields);
    }
  }
  place.store.source_checks.set_checked(source.app, name, now);
}

bool is_pattern(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

/// Full names of the branches that are deployed, as far as the settings name them.
std::set<std::string> branches_of(const MissedPlace& place, const ObservedSource& source) {
  std::set<std::string> refs;
  if (source.settings.url.empty()) { // its commits are in the app's own repositories
    return refs;
  }
  for (const Rule& rule : rules_of(load_app_settings(place.home, source.app))) {
    if (rule.kind == Rule::Kind::branch && rule.deploys && !is_pattern(rule.pattern)) {
      refs.insert("refs/heads/" + rule.pattern);
    }
  }
  if (!source.settings.branch.empty()) {
    std::erase_if(refs, [&](const std::string& ref) {
      return !is_pattern(source.settings.branch) && ref != "refs/heads/" + source.settings.branch;
    });
  }
  return refs;
}

std::string look_up(const MissedPlace& place, const ObservedSource& source, const std::string& ref) {
  const AppFolder folder = place.home.app(source.app);
  const auto commit =
      Source(folder, source.settings)
          .fetch(ref, {.environment = place.environment, .deadline = k_fetch_deadline, .interrupt = place.interrupt})
          .commit;
  return commit ? commit->id : "";
}

void look_after(const MissedPlace& place, const ObservedSource& source, const std::string& ref) {
  const std::string& name = source.settings.name;
  const std::string commit = look_up(place, source, ref);
  const auto before = place.store.source_checks.commit(source.app, name, ref);
  if (before == commit) {
    return;
  }
  const auto last = place.store.history.last_asked_by(source.app, "source:" + name, ref);
  const bool is_known = last && last->event.new_commit == commit;
  if (before && !commit.empty() && !is_known) {
    const std::string words =
        fmt::format("'{}' is {} now, and no delivery said so", printable(short_ref(ref)), short_commit(commit));
    static_cast<void>(place.store.deliveries.add({{.app = source.app,
                                                   .source = name,
                                                   .sender = {},
                                                   .refs = {{ref, commit}},
                                                   .headers = "Catch-Up: " + words + "\n",
                                                   .payload = {},
                                                   .at = place.clock.now(),
                                                   .outcome = {}}}));
    place.log.info(words, {{"app", source.app}, {"source", name}});
    place.notice(source.app);
  }
  place.store.source_checks.set_commit(source.app, name, ref, commit);
}

} // namespace

void fetch_missed(const MissedPlace& place, const ObservedSource& source, forge::ForgeApi& api) {
  if (api.lists_deliveries()) {
    ask_again(place, source, api);
  } else {
    look_at_branches(place, source);
  }
}

void look_at_branches(const MissedPlace& place, const ObservedSource& source) {
  for (const std::string& ref : branches_of(place, source)) {
    look_after(place, source, ref);
  }
}

void note_branches(const MissedPlace& place, const ObservedSource& source) {
  for (const std::string& ref : branches_of(place, source)) {
    if (!place.store.source_checks.commit(source.app, source.settings.name, ref)) {
      place.store.source_checks.set_commit(source.app, source.settings.name, ref, look_up(place, source, ref));
    }
  }
}

} // namespace teal::serve
