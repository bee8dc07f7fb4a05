/// @file
/// Accepted: what whoever asked for a deployment is answered.
#pragma once

#include "api/call.hpp"
#include "model/deployment.hpp"

namespace teal::api {

/// 202 with where it is to be looked at. Throws Problem(409) for one that a freeze keeps from being deployed.
[[nodiscard]] Reply accepted(const Deployment& deployment);

} // namespace teal::api
