/// @file
/// Live: where an app's live traffic goes since when; a Freeze, which keeps deployments out; and a Pause, which keeps
/// them waiting.
#pragma once

#include "core/clock.hpp"
#include "model/color.hpp"

#include <cstdint>
#include <string>

namespace teal {

struct Live {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  Color color = Color::blue;
  std::int64_t release = 0;
  std::int64_t deployment = 0; ///< the one that made the container
  std::string commit;          ///< 40 hex digits
  std::string who;             ///< who moved the traffic there
  TimePoint at;
};

struct Freeze {
  std::string app;
  std::string who;
  std::string why;
  TimePoint at;
};

struct Pause {
  std::string app;
  std::string who;
  TimePoint at;
};

} // namespace teal
