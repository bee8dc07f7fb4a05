/// @file
/// Destination of a request: where whoever asks wants a deployment to go.
#pragma once

#include "api/problem.hpp"
#include "model/destination.hpp"

#include <optional>
#include <string>

namespace teal::api {

/// Nothing where nothing was said. Throws Problem of that status for what is none.
inline std::optional<Destination> destination_of(const std::optional<std::string>& text, int status) {
  if (!text) {
    return std::nullopt;
  }
  if (auto destination = Destination::parse(*text)) {
    return destination;
  }
  throw Problem(status, "'destination' is to be blue, green, idle or live, or a target");
}

} // namespace teal::api
