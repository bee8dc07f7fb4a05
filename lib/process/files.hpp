/// @file
/// files: what std::filesystem does to files and folders, with one way to fail.
///
/// Invariant: what cannot be done is an Error(environment) "cannot …: reason", told by its errno; nothing else is
/// thrown. To be called with their namespace: by path alone, std::filesystem's own would be found as well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace teal::files {

/// False where it is missing, or a link to what is.
[[nodiscard]] bool exists(const std::filesystem::path& file);
/// The same, but what it is asked of is the name: a link is there wherever it leads.
[[nodiscard]] bool is_there(const std::filesystem::path& name);
/// False where it is missing. Links are followed.
[[nodiscard]] bool is_folder(const std::filesystem::path& file);
[[nodiscard]] bool is_file(const std::filesystem::path& file);
/// False where it is missing.
[[nodiscard]] bool is_link(const std::filesystem::path& name);
[[nodiscard]] std::filesystem::path absolute(const std::filesystem::path& file);
/// With no link in it; it must be there.
[[nodiscard]] std::filesystem::path canonical(const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path current_folder();
[[nodiscard]] std::filesystem::perms permissions_of(const std::filesystem::path& file);
/// Bytes that are free for us where the folder lies.
[[nodiscard]] std::uint64_t available_space(const std::filesystem::path& folder);
/// Bytes.
[[nodiscard]] std::uint64_t file_size(const std::filesystem::path& file);
/// Of a folder's entries, in no order; none where it is missing.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder);
/// Of all that is in a folder and in those below, a folder before what is in it; links are not followed.
void for_each_below(const std::filesystem::path& folder,
                    const std::function<void(const std::filesystem::directory_entry&)>& visit);
/// Where a link leads, as it was made; empty where there is none.
[[nodiscard]] std::filesystem::path read_symlink(const std::filesystem::path& link);

/// With those above it; fine if it is there.
void create_directories(const std::filesystem::path& folder);
/// Throws if something is there already.
void create_symlink(const std::filesystem::path& target, const std::filesystem::path& link);
void set_permissions(const std::filesystem::path& file, std::filesystem::perms permissions);
/// A file's content, over what is there.
void copy(const std::filesystem::path& from, const std::filesystem::path& to);
/// A folder with all that is in it, links as links, to where nothing is; times are those of the copy.
void copy_all(const std::filesystem::path& from, const std::filesystem::path& to);
/// At once, over what is there.
void rename(const std::filesystem::path& from, const std::filesystem::path& to);
/// A file, link or empty folder. False where it was missing.
bool remove(const std::filesystem::path& file);
/// With all that is in it; fine if it is missing.
void remove_all(const std::filesystem::path& file);

} // namespace teal::files
