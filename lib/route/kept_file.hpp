/// @file
/// A file that we write and others read, and might change by hand: what they changed is kept, and said.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace teal::route {

/// Whether `file` is not as write_generated() left it.
[[nodiscard]] bool was_edited(const std::filesystem::path& file);
/// What a router's status has to complain of then; else nothing.
[[nodiscard]] std::string describe_edit(const std::filesystem::path& file);
/// What write_generated() wrote last, whatever became of the file; nothing where it never did.
[[nodiscard]] std::optional<std::string> generated(const std::filesystem::path& file);
/// Writes it; what somebody else changed is kept as "NAME.edited" before.
void write_generated(const std::filesystem::path& file, std::string_view text);

} // namespace teal::route
