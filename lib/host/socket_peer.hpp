/// @file
/// Socket peer: who listens at a Unix socket.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace teal {

/// The process that made `socket` listen, as the kernel noted it then. Nothing if none listens there, or it is none of
/// our processes.
[[nodiscard]] std::optional<pid_t> find_listener(const std::filesystem::path& socket);

} // namespace teal
