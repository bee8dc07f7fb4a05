/// @file
/// Repositories outside of the home that deploy its apps: whether they still do.
#pragma once

#include "git/hook.hpp"
#include "model/home.hpp"

#include <filesystem>
#include <string_view>

namespace teal {

/// What a push to the repository deploys. Throws Error, with what to do, if it is gone or deploys something else.
[[nodiscard]] git::HookBinding require_own_repository(const Home& home, std::string_view app,
                                                      const std::filesystem::path& repository);

} // namespace teal
