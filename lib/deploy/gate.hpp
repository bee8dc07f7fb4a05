/// @file
/// Gate: what is being pushed is built before git takes it, and that very image is deployed.
///
/// The image waits under a tag that names all it was made of: another commit or other build settings have another. The
/// engine remembers it, nobody else does: where it is gone, the deployment builds as usual.
#pragma once

#include "config/settings.hpp"
#include "git/repository.hpp"
#include "model/event.hpp"
#include "request/output.hpp"
#include "target/services.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal {

/// Build what `event` asks for, out of `repository`, which may see it in git's quarantine only. Touches nothing that
/// runs. Throws Error with why it is to be refused; what the build printed has gone to `output`.
void build_at_gate(Services& services, const git::Repository& repository, const Event& event, std::string_view door,
                   Output& output);

} // namespace teal
