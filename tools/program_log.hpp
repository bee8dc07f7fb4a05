/// @file
/// ProgramLog: what an app's program prints, shown as it comes, from one container to the next.
#pragma once

#include "context.hpp"
#include "core/clock.hpp"

#include <optional>
#include <string>

namespace teal::tool {

struct ProgramLogOptions {
  std::string app;
  std::string color;   ///< empty: the one in use
  std::string process; ///< empty: what answers requests
  int replica = 1;     ///< of that
  std::optional<Milliseconds> since;
  std::optional<int> lines; ///< the last ones; where neither is given, the last 100
  bool follow = false;
};

/// Printable, whatever it printed. With JSON one object with all lines, or, where it is followed, one a line.
void show_program_log(Context& context, const ProgramLogOptions& options);

} // namespace teal::tool
