/// @file
/// What failed system calls say, as Errors.
#pragma once

#include <string_view>

namespace teal::git {

/// Throws Error(environment) "`doing` 'name': what errno says".
[[noreturn]] void throw_errno(std::string_view doing, std::string_view name);

/// Writes all of `content`; `name` is for the Error.
void write_all(int file, std::string_view name, std::string_view content);

} // namespace teal::git
