/// @file
/// Trial: a path with one point in it, and what must be true afterwards.
///
/// Invariants: only the old or the new version was ever served, and is served now; store, engine and router agree; what
/// was said was true; the next one works; nothing is left over.
#pragma once

#include "matrix/paths.hpp"
#include "matrix/point.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct TrialResult {
  std::optional<std::string> befell;   ///< what the point did; nothing if the path ended before it
  std::vector<std::string> violations; ///< in words
  std::string told;                    ///< what the pusher saw
};

/// How many points a path has in a world: calls of the engine and the registry, changes of files.
struct Extent {
  int engine = 0;
  int registry = 0;
  int files = 0;
};

/// Throws what says why if the path does not even work undisturbed.
[[nodiscard]] Extent measure(World& world, const Path& path);
[[nodiscard]] TrialResult try_point(World& world, const Path& path, const Point& point);

} // namespace teal
