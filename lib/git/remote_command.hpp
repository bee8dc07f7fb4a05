/// @file
/// RemoteCommand: git, with what it may know of a remote, and no terminal to ask. Inside git only.
#pragma once

#include "git/remote.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace teal::git {

/// `arguments` follow git's own, which name the repository. A remote of https that says nothing for `silence` is given
/// up.
[[nodiscard]] Command remote_command(const Remote& remote, const std::filesystem::path& repository,
                                     const FetchOptions& options, const std::vector<std::string>& arguments,
                                     std::chrono::seconds silence = std::chrono::seconds(30));

} // namespace teal::git
