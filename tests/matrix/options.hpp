/// @file
/// Options: what of the matrix is tried.
#pragma once

#include "matrix/trial.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace teal {

struct Options {
  std::string router = "haproxy";
  std::vector<std::string> paths;   ///< all, unless some are named
  std::optional<Point> one;         ///< that point alone
  std::string only;                 ///< points whose words contain it
  std::string except;               ///< and not this
  std::chrono::seconds time{86400}; ///< no point is begun after it
  unsigned seed = 0;                ///< of the day, unless given
  std::size_t shard = 1;
  std::size_t shards = 1;
  bool verbose = false;
};

/// Throws what says how to ask for what there is.
[[nodiscard]] Options parse_options(const std::vector<std::string>& arguments);

/// Each call with each fault and before and after it each victim's death; each change of a file with its maker's.
[[nodiscard]] std::vector<Point> all_points(const Path& path, bool routed, const Extent& extent);

} // namespace teal
