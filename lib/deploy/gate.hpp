/// @file
/// Gate: what is being pushed is built before git takes it, and that very image is deployed.
///
/// The image waits under a tag that names all it was made of: another commit or other build settings have another. The
/// engine remembers it, nobody else does: where it is gone, the deployment builds as usual.
#pragma once

#include "config/settings.hpp"
#include "git/repository.hpp"
#include "model/request.hpp"
#include "request/output.hpp"
#include "target/services.hpp"

namespace teal {

/// Build what `request` asks for, out of `repository`, which may see it in git's quarantine only. Touches nothing that
/// runs. Throws Error with why it is to be refused; what the build printed has gone to `output`.
void build_at_gate(Services& services, const git::Repository& repository, const Request& request, Output& output);

} // namespace teal
