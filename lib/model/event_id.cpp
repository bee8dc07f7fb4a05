#include "model/event_id.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr char k_delivery = 'd';

} // namespace

std::optional<EventId> EventId::parse(std::string_view text) {
  EventId id;
  if (text.starts_with(k_delivery)) {
    id.kind = Kind::delivery;
    text.remove_prefix(1);
  }
  const auto number = parse_integer(text);
  if (!number || *number <= 0) {
    return std::nullopt;
  }
  id.number = *number;
  return id;
}

std::string EventId::text() const {
  return kind == Kind::delivery ? delivery_id(number) : std::to_string(number);
}

std::string delivery_id(std::int64_t number) {
  return fmt::format("{}{}", k_delivery, number);
}

} // namespace teal
