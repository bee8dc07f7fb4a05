/// @file
/// Request: an Event with where it is to go. What every door makes of what came in.
#pragma once

#include "model/destination.hpp"
#include "model/event.hpp"

#include <cstdint>

namespace teal {

struct Request {
  Event event;
  Destination destination;
  std::int64_t release = 0; ///< run this kept release instead of building the event's commit; 0: build
  bool is_restart = false;  ///< see Deployment
};

} // namespace teal
