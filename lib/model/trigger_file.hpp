/// @file
/// Trigger files: what a file may be called whose coming asks for a deployment, the same for whoever writes it, whoever
/// waits for it, and the settings between them.
#pragma once

#include <cstddef>
#include <string_view>

namespace teal {

/// Leaves room for what goes before and behind the name while it is written, and once it is claimed.
inline constexpr std::size_t k_longest_trigger_file = 200;

/// No path, not hidden, and not one that is still being written: those end in ".tmp" or ".part".
[[nodiscard]] bool is_trigger_file_name(std::string_view name) noexcept;

} // namespace teal
