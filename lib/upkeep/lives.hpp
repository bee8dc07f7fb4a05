/// @file
/// Lives: how often a container's program has ended and was started again, and how it ended last.
///
/// The engine restarts what ends by itself and says nothing of it, so that a program which crashes once an hour looks
/// like one that runs: whoever shows a container shows its lives from the first restart on.
#pragma once

#include "engine/containers.hpp"

#include <optional>
#include <string>

namespace teal {

struct LastExit {
  std::optional<int> code; ///< nothing where the engine does not remember it
  std::string cause;       ///< "exited with 3", "was killed: out of memory …"
  std::optional<TimePoint> at;
};

struct Lives {
  std::string state; ///< as the engine says: "running", "restarting", "exited", …
  bool running = false;
  int restarts = 0;                  ///< by the engine, since the container was made
  std::optional<TimePoint> since;    ///< when that was
  std::optional<LastExit> last_exit; ///< if it ended ever
};

[[nodiscard]] Lives lives_of(engine::Containers& containers, const engine::Container& container);

/// "restarted 4 times", "is restarting (restarted 4 times)", "has exited"; empty for one that runs its first life.
[[nodiscard]] std::string describe_briefly(const Lives& lives);
/// The same with since when, and how it ended last: "is restarting (restarted 4 times since 2026-11-25T03:00:34Z); last
/// it exited with 3, 12 s ago".
[[nodiscard]] std::string describe(const Lives& lives, TimePoint now);
/// Whether it does not run, or ended within the last ten minutes.
[[nodiscard]] bool is_in_trouble(const Lives& lives, TimePoint now);

} // namespace teal
