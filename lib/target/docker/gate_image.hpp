/// @file
/// GateImage: an image that the gate built of what was being pushed, for the deployment of that very push.
///
/// It waits under a tag that names all it was made of: another commit or other build settings have another. The engine
/// remembers it, nobody else does: where it is gone, the deployment builds as usual.
#pragma once

#include "config/settings.hpp"
#include "model/destination.hpp"
#include "target/services.hpp"

#include <string>
#include <vector>

namespace teal {

struct GateImage {
  std::string app;
  std::string commit;
  Destination destination; ///< what was pushed for
  BuildSettings build;

  /// "gate-blue-3f2a…".
  [[nodiscard]] std::string tag() const;
};

/// Give the image that the gate built the `tags` of a deployment, and take its own away. False if there is none.
bool take_from_gate(Services& services, const GateImage& image, const std::vector<std::string>& tags);

/// A newer push takes the place of the one before it.
void forget_earlier_images(Services& services, const std::string& repository, const GateImage& image);

} // namespace teal
