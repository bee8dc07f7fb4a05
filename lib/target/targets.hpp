/// @file
/// Targets: the kinds that there are.
#pragma once

#include "target/target.hpp"

#include <memory>
#include <string_view>

namespace teal {

struct Services;

/// The target of that kind. Throws Error(settings) if there is none. `services` must outlive it.
[[nodiscard]] std::unique_ptr<Target> make_target(std::string_view kind, Services& services);

} // namespace teal
