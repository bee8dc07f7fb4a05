/// @file
/// EventEntry: what came in: events, which asked for a deployment, and deliveries, from which some of these came.
#pragma once

#include "model/deployment.hpp"
#include "store/store.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace teal {

/// An event with the deployments that came of it, newest first; there is at least one.
struct PastEvent {
  std::vector<Deployment> deployments;

  [[nodiscard]] const Event& event() const { return deployments.front().event; }
};

using EventEntry = std::variant<PastEvent, StoredDelivery>;

/// Of `app`, or of all, newest first, at most `limit`; of deliveries without headers and payload.
[[nodiscard]] std::vector<EventEntry> events_of(const Store& store, const std::optional<std::string>& app,
                                                std::size_t limit);

/// "7", "d12".
[[nodiscard]] std::string id_of(const EventEntry& entry);
[[nodiscard]] const std::string& app_of(const EventEntry& entry);

/// With "kind": "event" or "delivery".
[[nodiscard]] boost::json::object to_json(const EventEntry& entry);
/// With headers and payload, too.
[[nodiscard]] boost::json::object to_json_whole(const StoredDelivery& delivery);

} // namespace teal
