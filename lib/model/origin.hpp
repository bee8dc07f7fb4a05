/// @file
/// Origin: through which door somebody came, and from where.
#pragma once

#include "model/event.hpp"

#include <string>

namespace teal {

struct Origin {
  Trigger door = Trigger::cli;
  std::string from = {}; ///< an address, or the user of this host; empty where nobody can tell
};

} // namespace teal
