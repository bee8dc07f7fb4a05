/// @file
/// EventId: how people quote what came in: "7" is an event that asked for a deployment, "d12" a delivery, from which
/// one may come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

struct EventId {
  enum class Kind { event, delivery };
  Kind kind = Kind::event;
  std::int64_t number = 0;

  /// Nothing for any other text.
  [[nodiscard]] static std::optional<EventId> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  bool operator==(const EventId&) const = default;
};

/// "d12".
[[nodiscard]] std::string delivery_id(std::int64_t number);

} // namespace teal
