/// @file
/// Statistics: what deployments came to, and how long their steps took, over all that the store knows.
///
/// Invariant: what was counted once is not read again, so that asking each few seconds costs as much with a million
/// deployments as with none.
#pragma once

#include "store/database.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace teal {

struct DurationTotals {
  /// Upper ends, in seconds, of what is counted together; each holds the ones before, too.
  static constexpr std::array<double, 9> k_bounds{0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800};

  std::array<std::uint64_t, k_bounds.size()> up_to{};
  std::uint64_t count = 0;
  std::uint64_t milliseconds = 0;
};

struct DeploymentTotals {
  std::map<std::string, std::uint64_t> outcomes; ///< by final status
  std::map<std::string, DurationTotals> steps;   ///< of ended steps of deployments that are over, by name
};

struct PendingCounts {
  std::int64_t queued = 0;
  std::int64_t running = 0;
};

class Statistics {
public:
  [[nodiscard]] DeploymentTotals totals(const Database& database);
  [[nodiscard]] static PendingCounts pending(const Database& database);

private:
  DeploymentTotals m_settled;
  std::int64_t m_settled_id = 0; ///< all up to it were over when they were counted
};

} // namespace teal
