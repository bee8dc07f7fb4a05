/// @file
/// Headers: what a request's head says of who asks, what it brings and what it takes.
#pragma once

#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal::api {

/// The token of "Authorization: Bearer TOKEN". Nothing where there is none, or more than one such header.
[[nodiscard]] std::optional<std::string> bearer_token(const http::HeaderList& headers);

/// The first of the types in `offered`, separated by ',', that Accept allows; without that header, the first. Nothing
/// if it allows none.
[[nodiscard]] std::optional<std::string_view> acceptable_type(const http::HeaderList& headers,
                                                              std::string_view offered);

/// "application/json" of "Application/JSON; charset=utf-8".
[[nodiscard]] std::string media_type(std::string_view content_type);

} // namespace teal::api
