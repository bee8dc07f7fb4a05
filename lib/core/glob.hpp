/// @file
/// Glob: patterns for the names of branches and tags, and for paths.
///
/// `*` stands for any characters but '/', `**` for any at all, `?` for one that is no '/', `[abc]`, `[a-z]` and
/// `[!abc]` for one of a set that is no '/'. A `**/` where a component begins stands for no folder, too: `**/x` matches
/// `x`. A bracket that is never closed is itself. A character is one of UTF-8.
///
/// Both functions take time in proportion to the product of the lengths, whatever is in them: a pattern, or a text,
/// from a stranger cannot make them run away.
#pragma once

#include <string_view>

namespace teal {

/// Whether all of `text` is as the pattern says.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text);

/// True only if whatever `narrow` matches, `wide` matches as well. It may be false though that is so: for sets that
/// are written in two ways, and where several parts of `wide` would have to share one `*` of `narrow`.
[[nodiscard]] bool covers_glob(std::string_view wide, std::string_view narrow);

} // namespace teal
