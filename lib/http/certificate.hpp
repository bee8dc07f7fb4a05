/// @file
/// Certificate: what a server needs to know of a certificate and its key before it answers with them.
#pragma once

#include "core/clock.hpp"

#include <string>
#include <string_view>

namespace teal::http {

struct Certificate {
  std::string digest; ///< of both texts: 64 hex digits, SHA-256
  TimePoint expires;
};

/// `certificate` and `key`: PEM, the server's own certificate first. Throws Error(settings) if one cannot be read, or
/// they do not belong together.
[[nodiscard]] Certificate read_certificate(std::string_view certificate, std::string_view key);

} // namespace teal::http
