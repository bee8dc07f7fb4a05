/// @file
/// Output: a stream to somebody who may stop reading, or be gone, at any moment.
///
/// git's pipe blocks a writer for good once its reader is stuck, so nothing is written before the stream says it has
/// room.
#pragma once

#include "core/clock.hpp"
#include "process/subprocess.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace teal {

class Output {
public:
  /// `descriptor` stays the caller's. `patience`: how long a reader may take none of it. `colors`: the reader shows
  /// them.
  explicit Output(int descriptor, Milliseconds patience = std::chrono::seconds(10), bool colors = false)
      : m_descriptor(descriptor), m_patience(patience), m_colors(colors) {}

  /// False, at once and from then on, when nobody reads any more.
  bool write(std::string_view text);
  /// From now on the reader gets what `rewrite` makes of each piece.
  void rewrite_by(std::function<std::string(std::string_view)> rewrite) { m_rewrite = std::move(rewrite); }
  [[nodiscard]] bool is_open() const { return m_open; }
  [[nodiscard]] bool shows_colors() const { return m_colors; }

private:
  bool write_whole(std::string_view text);

  int m_descriptor;
  Milliseconds m_patience;
  bool m_colors;
  bool m_open = true;
  std::function<std::string(std::string_view)> m_rewrite;
};

/// Whether `descriptor` is a terminal, and NO_COLOR (no-color.org) does not ask for none.
[[nodiscard]] bool wants_colors(int descriptor, const Environment& environment);

/// A deployment's log line, with colors that tell the good end from the bad.
[[nodiscard]] std::string colored(std::string_view line);

} // namespace teal
