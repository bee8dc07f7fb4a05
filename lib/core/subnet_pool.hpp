/// @file
/// SubnetPool: a range divided into subnets of one size, and which of them are free.
#pragma once

#include "core/subnet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace teal {

class SubnetPool {
public:
  /// All of `range` free, in subnets of `prefix`, which is at least as long as the range's own.
  SubnetPool(const Subnet& range, unsigned prefix);

  /// What shares an address with `subnet` is free no more, and no subnet comes to be free again. Returns how many that
  /// were free are not.
  std::size_t take(const Subnet& subnet);
  [[nodiscard]] std::size_t size() const { return m_taken.size(); }
  [[nodiscard]] std::size_t free() const { return m_free; }
  /// A free one, looked for from the `start`th on, around. Nothing if none is.
  [[nodiscard]] std::optional<Subnet> find_free(std::uint64_t start) const;

private:
  [[nodiscard]] Subnet at(std::size_t index) const;

  Subnet m_range;
  unsigned m_prefix;
  std::vector<bool> m_taken;
  std::size_t m_free;
};

} // namespace teal
