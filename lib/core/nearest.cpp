#include "core/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace teal {

namespace {

/// Damerau and Levenshtein's distance: how many letters to add, drop, change or swap with their neighbour.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last;
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({changed, row[j - 1] + 1, last[j] + 1});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t k_longest = 40;
  std::size_t least = word.size() > k_longest ? 0 : std::clamp<std::size_t>(word.size() / 4, 1, 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    if (const std::size_t apart = distance(word, candidate); apart < least) {
      least = apart;
      found = candidate;
    }
  }
  return found;
}

} // namespace teal
