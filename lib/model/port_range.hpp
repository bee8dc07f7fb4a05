/// @file
/// PortRange: ports of a host that are ours to give, "52000-52999".
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace teal {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0; ///< included

  /// Nothing for what is no range, is empty, or begins below 1024.
  [[nodiscard]] static std::optional<PortRange> parse(std::string_view text);

  /// One that is not `taken`, looked for from a place that `start` says. Nothing if all are.
  [[nodiscard]] std::optional<std::uint16_t> find_free(std::uint64_t start, const std::set<std::uint16_t>& taken) const;
};

} // namespace teal
