/// @file
/// Text: small readers and writers of what people type and read. No domain words here.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

[[nodiscard]] std::string_view trim(std::string_view text);
/// The pieces between separators; an empty text has one empty piece.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);
/// "a, b or c", by whatever word goes before the last.
[[nodiscard]] std::string in_words(const std::vector<std::string>& pieces, std::string_view word);

/// `text` with control characters (escape sequences among them) replaced by '?', so that what a stranger wrote cannot
/// drive a terminal. Tabs stay; line feeds stay if `keep_lines`. Bytes above 0x7f stay but for the C1 controls of
/// UTF-8.
[[nodiscard]] std::string printable(std::string_view text, bool keep_lines = false);
/// At most `length` bytes of `text`, ending in "..." where it was cut, never inside a UTF-8 sequence.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t length);
/// The last `count` lines of `text`, without a trailing line feed.
[[nodiscard]] std::string last_lines(std::string_view text, std::size_t count);

/// A number that stands for `text` on every machine and for ever (FNV-1a, 64 bits); two texts may have the same.
[[nodiscard]] std::uint64_t fingerprint(std::string_view text);

/// A whole decimal number within the type's range, or nothing.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// A whole decimal number from 1 to 65535, or nothing.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);
/// "250ms", "2s", "1m30s", "1h"; a bare number other than 0 has no unit and is refused.
[[nodiscard]] std::optional<Milliseconds> parse_duration(std::string_view text);
/// Bytes from "512MiB", "1GiB", "64k", "100MB", "1024"; i-units, and bare k, m, g as the engine reads them, are powers
/// of 1024.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// "0.03 s", "1.21 s", "2 m 05 s".
[[nodiscard]] std::string format_seconds(Milliseconds duration);
/// The shortest text that parse_duration reads back: "100ms", "60s" as "1m".
[[nodiscard]] std::string format_duration(Milliseconds duration);
/// "1.5 GiB", "512 B".
[[nodiscard]] std::string format_size(std::uint64_t bytes);
/// Age for a table: "just now", "12 s", "5 min", "3 h", "12 d".
[[nodiscard]] std::string format_age(Milliseconds age);

} // namespace teal
