/// @file
/// User: whose files a program touches.
#pragma once

#include "process/subprocess.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace teal {

/// The name of the effective user, or its number where it has none.
[[nodiscard]] std::string user_name();

/// A user of this host, as the system knows it.
struct UserEntry {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::filesystem::path folder; ///< its home
  std::string shell;
};
/// The effective user's. Throws Error(environment) if it is no user of this host.
[[nodiscard]] UserEntry current_user();
[[nodiscard]] std::optional<UserEntry> find_user(const std::string& name);
/// Whose folder it is; of one that is not there, the effective user. Throws Error(environment) as above.
[[nodiscard]] UserEntry owner_of(const std::filesystem::path& folder);
/// The group's name, or its number where it has none.
[[nodiscard]] std::string group_name(std::uint32_t gid);

/// Root, at work in a folder that belongs to somebody else, becomes that user for good (groups, HOME and USER in
/// `environment` too), so that every file made there stays theirs. Anybody else, and root in its own folder, stays who
/// they are. Nothing happens where the folder is missing. Throws Error(environment) if the user cannot be taken on.
void become_owner_of(const std::filesystem::path& folder, Environment& environment);

/// Give `folder`, and all that is in it, to whoever owns `home`, if that is for root to do; links are not followed.
void give_to_owner_of(const std::filesystem::path& home, const std::filesystem::path& folder);

} // namespace teal
