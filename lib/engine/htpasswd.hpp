/// @file
/// Credentials that we make ourselves, and the htpasswd file by which a registry knows them.
#pragma once

#include "engine/registry_client.hpp"
#include "engine/registry_settings.hpp"

#include <string>
#include <string_view>

namespace teal::engine {

/// 32 random characters of base64url: 192 bits from the kernel.
[[nodiscard]] std::string make_password();

/// "user:$2b$…": bcrypt is the only hash the registry takes (distribution's documentation of auth.htpasswd).
[[nodiscard]] std::string htpasswd_line(const Credentials& credentials);

/// `htpasswd` with the line of that user replaced or added.
[[nodiscard]] std::string with_user(std::string_view htpasswd, const Credentials& credentials);

/// Those made before; where one of the two files is missing, user "tealhook" with a new password.
Credentials ensure_credentials(const RegistryServerSettings& settings);

} // namespace teal::engine
