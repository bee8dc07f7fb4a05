/// @file
/// Deliveries, which events come from, as JSON.
#pragma once

#include "store/deliveries.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

/// "d12": a delivery among events.
[[nodiscard]] std::string delivery_id_text(std::int64_t id);
[[nodiscard]] std::optional<std::int64_t> parse_delivery_id(std::string_view text);

/// What was asked for and what became of it, with "kind": "delivery".
[[nodiscard]] boost::json::object delivery_json(const StoredDelivery& delivery);
/// With its headers and its payload, as they are kept: without what is secret.
[[nodiscard]] boost::json::object whole_delivery_json(const StoredDelivery& delivery);

} // namespace teal
