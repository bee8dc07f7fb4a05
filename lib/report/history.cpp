#include "report/history.hpp"

#include "core/text.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace teal {

namespace {

namespace json = boost::json;

constexpr std::size_t k_most_moves = 100'000; ///< of live traffic that are looked through

/// `moves`: where live traffic went, newest first.
PastDeployment with_life(Deployment deployment, const std::vector<Live>& moves) {
  PastDeployment past{.deployment = std::move(deployment), .live_since = {}, .live_until = {}};
  const auto last =
      std::find_if(moves.begin(), moves.end(), [&](const Live& move) { return move.deployment == past.deployment.id; });
  if (last != moves.end()) {
    past.live_since = last->at;
    past.is_live = last == moves.begin();
    past.live_until = past.is_live ? std::nullopt : std::optional(std::prev(last)->at);
  }
  return past;
}

/// What runs on a target does so until the next one that ended well there. `until`: when those seen so far began to.
PastDeployment with_life_at_target(Deployment deployment, std::map<std::string, TimePoint>& until) {
  PastDeployment past{.deployment = std::move(deployment), .live_since = {}, .live_until = {}};
  const Deployment& ended = past.deployment;
  if (!is_success(ended.status) || !ended.finished) {
    return past;
  }
  const auto [newer, is_newest] = until.emplace(ended.destination.text(), *ended.finished);
  past.live_since = ended.finished;
  past.is_live = is_newest;
  if (!is_newest) {
    past.live_until = std::exchange(newer->second, *ended.finished);
  }
  return past;
}

TimePoint time_of(const HistoryEntry& entry) {
  const auto* past = std::get_if<PastDeployment>(&entry);
  return past != nullptr ? past->deployment.created : std::get<Action>(entry).at;
}

std::string ago(Milliseconds age) {
  const std::string text = format_age(age);
  return text == "just now" ? text : text + " ago";
}

json::object entry_json(const PastDeployment& past) {
  json::object shown = teal::to_json(past.deployment);
  shown["kind"] = "deployment";
  shown["live_now"] = past.is_live;
  shown["live_since"] = time_or_null(past.live_since);
  shown["live_until"] = time_or_null(past.live_until);
  shown["rollback"] = past.deployment.from_release && !past.deployment.is_restart && past.deployment.replicas == 0;
  shown["restart"] = past.deployment.is_restart;
  shown["scale"] = past.deployment.replicas > 0 ? json::value(past.deployment.replicas) : json::value(nullptr);
  return shown;
}

json::object entry_json(const Action& action) {
  json::object shown = teal::to_json(action);
  shown["kind"] = "action";
  return shown;
}

} // namespace

std::string PastDeployment::describe_status(TimePoint now) const {
  if (is_live) {
    return "live";
  }
  if (live_until && is_success(deployment.status)) {
    return fmt::format("was live until {}", ago(now - *live_until));
  }
  return std::string(to_string(deployment.status));
}

std::vector<HistoryEntry> history_of(const Store& store, std::string_view app, std::size_t limit) {
  const std::vector<Live> moves = store.traffic.history(app, k_most_moves);
  std::vector<HistoryEntry> entries;
  std::map<std::string, TimePoint> until;
  for (Deployment& deployment : store.history.deployments(app, limit)) {
    entries.emplace_back(deployment.destination.is_target() ? with_life_at_target(std::move(deployment), until)
                                                            : with_life(std::move(deployment), moves));
  }
  for (Action& action : store.actions.list(app, limit)) {
    entries.emplace_back(std::move(action));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const HistoryEntry& one, const HistoryEntry& two) { return time_of(one) > time_of(two); });
  entries.resize(std::min(entries.size(), limit));
  return entries;
}

json::object to_json(const HistoryEntry& entry) {
  return std::visit([](const auto& one) { return entry_json(one); }, entry);
}

} // namespace teal
