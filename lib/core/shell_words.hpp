/// @file
/// Shell words: a command line cut into words as a POSIX shell does, without anything being looked up or run; and the
/// way back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// Blanks separate; '…', "…" and a backslash take what follows as it is. `$`, `;`, `|` and such are characters like any
/// other. Nothing where a quote is not closed, a backslash is last, or there is a control character other than a tab.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(std::string_view text);

/// As one word of a shell's command line, whatever is in it.
[[nodiscard]] std::string quote_word(std::string_view word);

} // namespace teal
