#include "model/destination.hpp"

#include <algorithm>

namespace teal {

namespace {

constexpr std::size_t k_longest_name = 40;
constexpr std::string_view k_nowhere = "none"; // what a rule says that deploys nothing

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

std::optional<Destination> Destination::parse(std::string_view text) {
  const bool valid = !text.empty() && text.size() <= k_longest_name && is_letter(text.front()) && text != k_nowhere &&
                     std::all_of(text.begin(), text.end(), is_name_character);
  return valid ? std::optional(Destination(std::string(text))) : std::nullopt;
}

} // namespace teal
