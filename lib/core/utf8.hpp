/// @file
/// UTF-8: the encoding that JSON demands and that strangers' texts (commit subjects, file names, logs) need not have.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teal {

/// `text` with each byte that is no part of well-formed UTF-8 (RFC 3629) replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// How many characters a terminal shows of well-formed UTF-8; wide and combining ones are counted as one.
[[nodiscard]] std::size_t count_characters(std::string_view text);

} // namespace teal
