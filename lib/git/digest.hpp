/// @file
/// Digest: a text's name, as git names a blob of it.
#pragma once

#include <string>
#include <string_view>

namespace teal::git {

/// 40 hex digits: git-hash-object(1).
[[nodiscard]] std::string digest_of(std::string_view text);

} // namespace teal::git
