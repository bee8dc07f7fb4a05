/// @file
/// Action: what somebody did to an app beside deploying it.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <string>

namespace teal {

struct Action {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  std::string verb; ///< as the command's: "switch", "rollback", "freeze", "unfreeze", "create", "remove", "settings"
  std::string who;  ///< empty where nobody can tell
  TimePoint at;
  std::string text; ///< "live traffic from blue to green (1a2b3c4)"
};

} // namespace teal
