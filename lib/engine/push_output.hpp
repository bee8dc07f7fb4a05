/// @file
/// What `docker push` prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace teal::engine {

/// The manifest's digest in the line "TAG: digest: sha256:… size: N", or nothing if there is no such line.
[[nodiscard]] std::optional<std::string> find_digest(std::string_view output, std::string_view tag);

} // namespace teal::engine
