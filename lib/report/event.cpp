#include "report/event.hpp"

#include "core/text.hpp"
#include "model/event_id.hpp"
#include "report/json.hpp"

#include <algorithm>

namespace teal {

namespace {

namespace json = boost::json;

TimePoint time_of(const EventEntry& entry) {
  const auto* past = std::get_if<PastEvent>(&entry);
  return past != nullptr ? past->event().at : std::get<StoredDelivery>(entry).at;
}

/// Those that were tried again stand beside each other no longer: others came between.
void add(std::vector<PastEvent>& events, Deployment deployment) {
  const auto found = std::find_if(events.rbegin(), events.rend(),
                                  [&](const PastEvent& one) { return one.event().id == deployment.event.id; });
  if (found == events.rend()) {
    events.push_back({{std::move(deployment)}});
  } else {
    found->deployments.push_back(std::move(deployment));
  }
}

json::object entry_json(const PastEvent& past) {
  const Event& event = past.event();
  json::array deployments;
  for (const Deployment& deployment : past.deployments) {
    deployments.push_back({{"id", deployment.id},
                           {"destination", deployment.destination.text()},
                           {"status", to_string(deployment.status)},
                           {"outcome", to_text(deployment.outcome)}});
  }
  return {{"kind", "event"},
          {"id", std::to_string(event.id)},
          {"app", event.app},
          {"at", format_time(event.at)},
          {"trigger", to_string(event.trigger)},
          {"who", to_text(event.who)},
          {"repository", to_text(event.repository)},
          {"ref", to_text(event.ref)},
          {"old_commit", text_or_null(event.old_commit)},
          {"commit", event.new_commit},
          {"subject", to_text(event.subject)},
          {"deployments", std::move(deployments)}};
}

json::object entry_json(const StoredDelivery& delivery) {
  json::array refs;
  for (const AskedRef& asked : delivery.refs) {
    refs.push_back({{"ref", to_text(asked.ref)}, {"commit", text_or_null(asked.commit)}});
  }
  return {{"kind", "delivery"},
          {"id", delivery_id(delivery.id)},
          {"app", delivery.app},
          {"at", format_time(delivery.at)},
          {"source", delivery.source},
          {"sender_id", text_or_null(delivery.sender)},
          {"refs", std::move(refs)},
          {"status", to_string(delivery.status)},
          {"attempts", delivery.attempts},
          {"outcome", text_or_null(delivery.outcome)},
          {"deployment", delivery.deployment == 0 ? json::value(nullptr) : json::value(delivery.deployment)}};
}

} // namespace

std::vector<EventEntry> events_of(const Store& store, const std::optional<std::string>& app, std::size_t limit) {
  std::vector<PastEvent> events;
  for (Deployment& deployment : app ? store.history.deployments(*app, limit) : store.history.deployments(limit)) {
    add(events, std::move(deployment));
  }
  std::vector<EventEntry> entries(std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  for (StoredDelivery& delivery : store.deliveries.list(app, limit)) {
    entries.emplace_back(std::move(delivery));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const EventEntry& one, const EventEntry& two) { return time_of(one) > time_of(two); });
  entries.resize(std::min(entries.size(), limit));
  return entries;
}

std::string id_of(const EventEntry& entry) {
  const auto* past = std::get_if<PastEvent>(&entry);
  return past != nullptr ? std::to_string(past->event().id) : delivery_id(std::get<StoredDelivery>(entry).id);
}

const std::string& app_of(const EventEntry& entry) {
  const auto* past = std::get_if<PastEvent>(&entry);
  return past != nullptr ? past->event().app : std::get<StoredDelivery>(entry).app;
}

json::object to_json(const EventEntry& entry) {
  return std::visit([](const auto& one) { return entry_json(one); }, entry);
}

json::object to_json_whole(const StoredDelivery& delivery) {
  json::object shown = entry_json(delivery);
  json::array headers;
  for (const std::string& line : split(trim(delivery.headers), '\n')) {
    if (!line.empty()) {
      headers.push_back(to_text(line));
    }
  }
  shown["headers"] = std::move(headers);
  shown["payload"] = to_text(delivery.payload);
  return shown;
}

} // namespace teal
