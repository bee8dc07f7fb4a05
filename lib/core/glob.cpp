#include "core/glob.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace teal {

namespace {

struct Part {
  enum class Kind {
    character,
    any,       ///< `?`
    set,       ///< `[abc]`
    star,      ///< `*`
    deep_star, ///< `**`
    fork,      ///< what follows it, a deep_star and a '/', may be left out
  };

  Kind kind = Kind::character;
  std::string_view character;                                          ///< one of UTF-8
  std::vector<std::pair<std::string_view, std::string_view>> ranges{}; ///< of a set, both ends in it
  bool negated = false;

  bool operator==(const Part&) const = default;
};

using Parts = std::vector<Part>;

constexpr std::size_t k_after_fork = 3;

/// Takes a character of UTF-8 off the front of a text that is not empty; of what is no UTF-8, some bytes.
std::string_view take_character(std::string_view& text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) {
    ++length;
  }
  const std::string_view character = text.substr(0, length);
  text.remove_prefix(length);
  return character;
}

/// Takes the set off the front of a pattern, whose '[' is gone already. Nothing, with the pattern as it was, if no ']'
/// ends it.
std::optional<Part> take_set(std::string_view& pattern) {
  std::string_view rest = pattern;
  Part set{.kind = Part::Kind::set, .character = {}};
  if (rest.starts_with('!') || rest.starts_with('^')) {
    set.negated = true;
    rest.remove_prefix(1);
  }
  while (!rest.empty()) {
    if (rest.front() == ']' && !set.ranges.empty()) {
      pattern = rest.substr(1);
      return set;
    }
    const std::string_view first = take_character(rest);
    std::string_view last = first;
    if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      last = take_character(rest);
    }
    set.ranges.emplace_back(first, last);
  }
  return std::nullopt;
}

/// Those of one '*' or a run of them, whose first is gone already.
void take_stars(std::string_view& pattern, bool at_component, Parts& parts) {
  if (!pattern.starts_with('*')) {
    parts.push_back({.kind = Part::Kind::star, .character = {}});
    return;
  }
  pattern.remove_prefix(std::min(pattern.find_first_not_of('*'), pattern.size()));
  if (at_component && pattern.starts_with('/')) {
    parts.push_back({.kind = Part::Kind::fork, .character = {}});
  }
  parts.push_back({.kind = Part::Kind::deep_star, .character = {}});
}

Parts parse(std::string_view pattern) {
  Parts parts;
  bool at_component = true;
  while (!pattern.empty()) {
    const std::string_view character = take_character(pattern);
    std::optional<Part> set;
    if (character == "*") {
      take_stars(pattern, at_component, parts);
    } else if (character == "?") {
      parts.push_back({.kind = Part::Kind::any, .character = {}});
    } else if (character == "[" && (set = take_set(pattern))) {
      parts.push_back(*std::move(set));
    } else {
      parts.push_back({.kind = Part::Kind::character, .character = character});
    }
    at_component = character == "/";
  }
  return parts;
}

Parts literal(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    parts.push_back({.kind = Part::Kind::character, .character = take_character(text)});
  }
  return parts;
}

bool is_slash(const Part& part) {
  return part.kind == Part::Kind::character && part.character == "/";
}

bool is_in(const Part& set, std::string_view character) {
  const bool listed = std::any_of(set.ranges.begin(), set.ranges.end(), [&](const auto& range) {
    return range.first <= character && character <= range.second; // UTF-8 sorts as its characters do
  });
  return listed != set.negated;
}

/// Whether a part of one character matches whatever `narrow` does.
bool takes_one(const Part& wide, const Part& narrow) {
  if (wide.kind == Part::Kind::character || is_slash(narrow)) {
    return wide == narrow;
  }
  if (wide.kind == Part::Kind::any) {
    return narrow.kind == Part::Kind::character || narrow.kind == Part::Kind::any || narrow.kind == Part::Kind::set;
  }
  return wide == narrow || (narrow.kind == Part::Kind::character && is_in(wide, narrow.character));
}

/// Whether a star may go on over all that `narrow` matches.
bool goes_on_over(const Part& star, const Part& narrow) {
  return star.kind == Part::Kind::deep_star ||
         (star.kind == Part::Kind::star && !is_slash(narrow) && narrow.kind != Part::Kind::deep_star);
}

/// How far one may be in a pattern, as a set of its parts and its end: all are followed side by side.
class Places {
public:
  explicit Places(const Parts& parts) : m_parts(parts), m_reached(parts.size() + 1, false) {
    m_reached[0] = true;
    skip();
  }

  void step(const Part& narrow) {
    std::vector<bool> next(m_reached.size(), false);
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
      if (!m_reached[i]) {
        continue;
      }
      const Part::Kind kind = m_parts[i].kind;
      if (kind == Part::Kind::star || kind == Part::Kind::deep_star) {
        next[i] = next[i] || goes_on_over(m_parts[i], narrow);
      } else if (kind != Part::Kind::fork && takes_one(m_parts[i], narrow)) {
        next[i + 1] = true;
      }
    }
    m_reached = std::move(next);
    skip();
  }

  [[nodiscard]] bool at_end() const { return m_reached.back(); }

private:
  /// Goes past what may stand for nothing.
  void skip() {
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
      const Part::Kind kind = m_parts[i].kind;
      if (m_reached[i] && (kind == Part::Kind::star || kind == Part::Kind::deep_star || kind == Part::Kind::fork)) {
        m_reached[i + 1] = true;
      }
      if (m_reached[i] && kind == Part::Kind::fork) {
        m_reached[i + k_after_fork] = true;
      }
    }
  }

  const Parts& m_parts;
  std::vector<bool> m_reached;
};

bool covers(const Parts& wide, const Parts& narrow) {
  Places places(wide);
  for (const Part& part : narrow) {
    if (part.kind != Part::Kind::fork) { // with its folders left out it is what the rest covers anyway
      places.step(part);
    }
  }
  return places.at_end();
}

} // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  return covers(parse(pattern), literal(text));
}

bool covers_glob(std::string_view wide, std::string_view narrow) {
  return covers(parse(wide), parse(narrow));
}

} // namespace teal
