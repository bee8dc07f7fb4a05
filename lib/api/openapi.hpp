/// @file
/// The API's own description, compiled in: openapi.json of this folder.
#pragma once

#include <string_view>

namespace teal::api {

[[nodiscard]] std::string_view openapi_text();

} // namespace teal::api
