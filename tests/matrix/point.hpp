/// @file
/// Point: one moment of a path, and what happens to it then.
#pragma once

#include "matrix/world.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct Point {
  enum class Source { engine, registry, files };
  Source source = Source::engine;
  int number = 0;            ///< of the calls, or the changes of files, from 1
  std::string mode = "kill"; ///< kill | fail-500 | fail-409 | fail-503 | drop | hang | garbage | nonsense | cut | lose
  Victim victim = Victim::runner; ///< of a kill
  bool after = false;             ///< a kill comes once the call was answered, not before it is made

  [[nodiscard]] bool is_kill() const { return mode == "kill"; }
};

/// As the matrix' command line has it: "--source engine --point 17 --victim runner --when after --mode kill".
[[nodiscard]] std::string to_words(const Point& point);
[[nodiscard]] std::optional<Point::Source> parse_source(const std::string& text);
[[nodiscard]] const std::vector<std::string>& fault_modes();

/// The point waits in the world; see disarm().
void arm(World& world, const Point& point);
/// Returns what the point befell: a call, a change; nothing if it never came to that.
std::optional<std::string> disarm(World& world, const Point& point);

} // namespace teal
