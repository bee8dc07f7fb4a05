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
  std::int64_t release = 0; ///< run this kept release instead of what the event has; 0: make one of that
  bool is_restart = false;  ///< see Deployment
  int replicas = 0;         ///< likewise
};

} // namespace teal
