#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace teal {

namespace {

constexpr std::string_view k_blank = " \t\r\n";
constexpr std::string_view k_digits = "0123456789";

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

template <std::size_t N>
std::optional<std::uint64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  const auto* found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? std::nullopt : std::optional(found->factor);
}

/// Takes the digits off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

} // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (;;) {
    const auto at = text.find(separator);
    pieces.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return pieces;
    }
    text.remove_prefix(at + 1);
  }
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
  return fmt::format("{}", fmt::join(pieces, separator));
}

std::string in_words(const std::vector<std::string>& pieces, std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    text += (i == 0 ? "" : i + 1 < pieces.size() ? ", " : fmt::format(" {} ", word)) + pieces[i];
  }
  return text;
}

std::string printable(std::string_view text, bool keep_lines) {
  std::string safe(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const auto byte = static_cast<unsigned char>(safe[i]);
    const bool c1 = byte == 0xc2 && i + 1 < safe.size() && (static_cast<unsigned char>(safe[i + 1]) & 0xe0U) == 0x80U;
    if (c1) {
      safe[i] = safe[i + 1] = '?';
    } else if ((byte < 0x20 && byte != '\t' && !(keep_lines && byte == '\n')) || byte == 0x7f) {
      safe[i] = '?';
    }
  }
  return safe;
}

std::string shorten(std::string_view text, std::size_t length) {
  constexpr std::string_view k_mark = "...";
  if (text.size() <= length) {
    return std::string(text);
  }
  std::size_t keep = length > k_mark.size() ? length - k_mark.size() : 0;
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xc0U) == 0x80U) {
    --keep;
  }
  return std::string(text.substr(0, keep)).append(k_mark.substr(0, length));
}

std::string last_lines(std::string_view text, std::size_t count) {
  while (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  std::size_t start = text.size();
  for (std::size_t seen = 0; start > 0; --start) {
    if (text[start - 1] == '\n' && ++seen == count) {
      break;
    }
  }
  return count == 0 ? std::string() : std::string(text.substr(start));
}

std::uint64_t fingerprint(std::string_view text) {
  constexpr std::uint64_t k_offset = 0xcbf29ce484222325; // both from draft-eastlake-fnv, section 5
  constexpr std::uint64_t k_prime = 0x100000001b3;
  std::uint64_t hash = k_offset;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * k_prime;
  }
  return hash;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_integer(text);
  return number && *number >= 1 && *number <= 65535 ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  constexpr std::array<Unit, 5> k_units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  constexpr std::uint64_t k_most = 10ULL * 365 * 86'400'000;
  if (text == "0") {
    return Milliseconds(0);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit = text.substr(0, text.find_first_of(k_digits));
    const auto factor = factor_of(k_units, unit);
    if (!number || !factor || *number > k_most / *factor) {
      return std::nullopt;
    }
    total += *number * *factor;
    text.remove_prefix(unit.size());
  }
  return total > k_most ? std::nullopt : std::optional(Milliseconds(static_cast<std::int64_t>(total)));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::uint64_t k_ki = 1024;
  constexpr std::array<Unit, 16> k_units{{{"", 1},
                                          {"B", 1},
                                          {"b", 1},
                                          {"k", k_ki},
                                          {"m", k_ki * k_ki},
                                          {"g", k_ki * k_ki * k_ki},
                                          {"KiB", k_ki},
                                          {"MiB", k_ki * k_ki},
                                          {"GiB", k_ki * k_ki * k_ki},
                                          {"TiB", k_ki * k_ki * k_ki * k_ki},
                                          {"kB", 1000},
                                          {"KB", 1000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"TB", 1'000'000'000'000},
                                          {"t", k_ki * k_ki * k_ki * k_ki}}};
  const auto number = take_number(text);
  const auto factor = factor_of(k_units, trim(text));
  if (!number || !factor || *number > std::numeric_limits<std::int64_t>::max() / *factor) {
    return std::nullopt;
  }
  return *number * *factor;
}

std::string format_seconds(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 60'000) {
    return fmt::format("{}.{:02} s", ms / 1000, ms % 1000 / 10);
  }
  return fmt::format("{} m {:02} s", ms / 60'000, ms % 60'000 / 1000);
}

std::string format_duration(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms % 1000 != 0) {
    return fmt::format("{}ms", ms);
  }
  if (ms == 0 || ms % 60'000 != 0) {
    return fmt::format("{}s", ms / 1000);
  }
  return ms % 3'600'000 != 0 ? fmt::format("{}m", ms / 60'000) : fmt::format("{}h", ms / 3'600'000);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> k_names{"KiB", "MiB", "GiB", "TiB"};
  constexpr double k_rounds_up = 1023.95; // would be printed as 1024.0
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= k_rounds_up && unit + 1 < k_names.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, k_names.at(unit));
}

std::string format_age(Milliseconds age) {
  const auto seconds = age.count() / 1000;
  if (seconds < 2) {
    return "just now";
  }
  if (seconds < 120) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 7200) {
    return fmt::format("{} min", seconds / 60);
  }
  return seconds < 172'800 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} d", seconds / 86'400);
}

} // namespace teal
