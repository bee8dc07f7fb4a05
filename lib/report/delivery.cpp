#include "report/delivery.hpp"

#include "core/text.hpp"
#include "report/json.hpp"

#include <boost/json/array.hpp>

namespace teal {

namespace json = boost::json;

std::string delivery_id_text(std::int64_t id) {
  return "d" + std::to_string(id);
}

std::optional<std::int64_t> parse_delivery_id(std::string_view text) {
  return text.starts_with('d') ? parse_integer(text.substr(1)) : std::nullopt;
}

json::object delivery_json(const StoredDelivery& delivery) {
  json::array refs;
  for (const AskedRef& one : delivery.refs) {
    refs.push_back({{"ref", to_text(one.ref)}, {"commit", text_or_null(one.commit)}});
  }
  return {{"kind", "delivery"},
          {"id", delivery_id_text(delivery.id)},
          {"app", delivery.app},
          {"source", to_text(delivery.source)},
          {"sender_id", text_or_null(delivery.sender)},
          {"refs", std::move(refs)},
          {"at", format_time(delivery.at)},
          {"status", to_string(delivery.status)},
          {"attempts", delivery.attempts},
          {"outcome", text_or_null(delivery.outcome)}};
}

json::object whole_delivery_json(const StoredDelivery& delivery) {
  json::object shown = delivery_json(delivery);
  shown["headers"] = to_text(delivery.headers);
  shown["payload"] = to_text(delivery.payload);
  return shown;
}

} // namespace teal
