/// @file
/// Targets: the kinds that there are.
#pragma once

#include "target/named_target.hpp"
#include "target/plain_target.hpp"
#include "target/target.hpp"

#include <memory>
#include <string_view>

namespace teal {

struct Services;

/// The target of that kind. Throws Error(settings) if there is none. `services` must outlive it.
[[nodiscard]] std::unique_ptr<Target> make_target(std::string_view kind, Services& services);
/// The same of one without colors.
[[nodiscard]] std::unique_ptr<PlainTarget> make_plain_target(NamedTarget target, Services& services);

} // namespace teal
