/// @file
/// RegistryLogin: the login that the engine's command line has for a registry (`docker login`), for what is asked of
/// the engine's API instead: its file, or the credential helper that this names.
#pragma once

#include "engine/registry_client.hpp"
#include "process/subprocess.hpp"

#include <string>
#include <string_view>

namespace teal::engine {

/// The header X-Registry-Auth for `registry` ("localhost:5000", "docker.io"); empty where there is no login. Secret.
/// Throws Error(environment) if the file cannot be read, or a helper fails.
[[nodiscard]] std::string registry_login(const std::string& registry, const Environment& environment);
/// The same of these. Secret.
[[nodiscard]] std::string registry_login(const Credentials& credentials, const std::string& registry);

/// What to do about a registry's refusal of `repository`, where it is for want of a login: the end of a message, or
/// nothing.
[[nodiscard]] std::string login_advice(std::string_view refusal, const std::string& repository);

} // namespace teal::engine
