/// @file
/// files: what std::filesystem does to files and folders, with one way to fail.
///
/// Invariant: what cannot be done is an Error(environment) "cannot …: reason", told by its errno; nothing else is
/// thrown. To be called with their namespace: by path alone, std::filesystem's own would be found as well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace teal::files {

/// False where it is missing, or a link to what is.
[[nodiscard]] bool exists(const std::filesystem::path& file);
/// Bytes.
[[nodiscard]] std::uint64_t file_size(const std::filesystem::path& file);
/// Of a folder's entries, in no order; none where it is missing.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder);
/// Where a link leads, as it was made; empty where there is none.
[[nodiscard]] std::filesystem::path read_symlink(const std::filesystem::path& link);

/// With those above it; fine if it is there.
void create_directories(const std::filesystem::path& folder);
/// Throws if something is there already.
void create_symlink(const std::filesystem::path& target, const std::filesystem::path& link);
void set_permissions(const std::filesystem::path& file, std::filesystem::perms permissions);
/// At once, over what is there.
void rename(const std::filesystem::path& from, const std::filesystem::path& to);
/// A file, link or empty folder. False where it was missing.
bool remove(const std::filesystem::path& file);
/// With all that is in it; fine if it is missing.
void remove_all(const std::filesystem::path& file);

} // namespace teal::files
