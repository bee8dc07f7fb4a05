/// @file
/// Gate: what is being pushed is built before git takes it, and that very image is deployed.
///
/// The image waits under a tag that names all it was made of: another commit or other build settings have another. The
/// engine remembers it, nobody else does: where it is gone, the deployment builds as usual.
#pragma once

#include "config/settings.hpp"
#include "request/output.hpp"
#include "target/services.hpp"
#include "git/repository.hpp"
#include "model/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal {

struct GateImage {
  std::string app;
  std::string commit;
  Destination destination; ///< what was pushed for
  BuildSettings build;

  /// "gate-blue-3f2a…".
  [[nodiscard]] std::string tag() const;
};

/// Build what `request` asks for, out of `repository`, which may see it in git's quarantine only. Touches nothing that
/// runs. Throws Error with why it is to be refused; what the build printed has gone to `output`.
void build_at_gate(Services& services, const git::Repository& repository, const Request& request, Output& output);

/// Give the image that the gate built the `tags` of a deployment, and take its own away. False if there is none.
bool take_from_gate(Services& services, const GateImage& image, const std::vector<std::string>& tags);

} // namespace teal
