/// @file
/// Action: what somebody did, or was refused. An app's history has what was done beside deploying it; the audit has
/// all.
#pragma once

#include "core/clock.hpp"
#include "model/origin.hpp"

#include <cstdint>
#include <string>

namespace teal {

struct Action {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;     ///< or a pattern, of a grant; empty where it is about none
  std::string verb; ///< as the command's: "switch", "rollback", "freeze", "unfreeze", "create", "remove", "settings",
                    ///< "push", "deploy", "cancel", "key add", …; of what was refused, the Verb
  std::string who;  ///< empty where nobody can tell
  TimePoint at;
  std::string text; ///< "live traffic from blue to green (1a2b3c4)"
  Origin origin = {};
  bool refused = false;
  std::int64_t deployment = 0; ///< that it asked for, or ended; 0: none
};

} // namespace teal
