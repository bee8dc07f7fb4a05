/// @file
/// The body of POST /containers/create.
#pragma once

#include "engine/containers.hpp"

#include <string>

namespace teal::engine {

/// JSON for `spec`, with its first network only: engines before API 1.44 take no more than one at creation.
[[nodiscard]] std::string create_request(const ContainerSpec& spec);

} // namespace teal::engine
