#include "model/port_range.hpp"

#include "core/text.hpp"

namespace teal {

std::optional<PortRange> PortRange::parse(std::string_view text) {
  constexpr std::int64_t k_lowest = 1024; // below, ports are the system's own
  constexpr std::int64_t k_highest = 65535;
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = parse_integer(text.substr(0, dash));
  const auto last = parse_integer(text.substr(dash + 1));
  if (!first || !last || *first < k_lowest || *last < *first || *last > k_highest) {
    return std::nullopt;
  }
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

std::optional<std::uint16_t> PortRange::find_free(std::uint64_t start, const std::set<std::uint16_t>& taken) const {
  const std::uint64_t size = std::uint64_t{last} - first + 1;
  for (std::uint64_t step = 0; step < size; ++step) {
    const auto port = static_cast<std::uint16_t>(first + (start % size + step) % size);
    if (!taken.contains(port)) {
      return port;
    }
  }
  return std::nullopt;
}

} // namespace teal
