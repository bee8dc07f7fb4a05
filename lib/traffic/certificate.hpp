/// @file
/// Certificate: what an app's settings say of TLS, proven before a router is told.
#pragma once

#include "config/settings.hpp"
#include "http/certificate.hpp"
#include "route/table.hpp"

#include <optional>

namespace teal {

/// That of `route.certificate` and `route.key`; nothing where none is named. Throws Error(settings), naming the file,
/// if it cannot be used, Error(environment) if it cannot be read.
[[nodiscard]] std::optional<http::Certificate> given_certificate(const RouteSettings& settings);

/// Nothing for an app without hosts or without TLS. Throws as above, and if this kind of router gets no certificates by
/// itself and is told to.
[[nodiscard]] std::optional<route::Tls> tls_for(const RouteSettings& settings, ServerSettings::Router::Kind router);

} // namespace teal
