#include "core/utf8.hpp"

#include <algorithm>
#include <array>

namespace teal {

namespace {

/// A row of RFC 3629's table of well-formed sequences: the range of the first byte, that of the second, the length.
struct Form {
  unsigned char first_low, first_high, second_low, second_high;
  std::size_t length;
};
constexpr std::array k_forms{
    Form{0x00, 0x7f, 0x00, 0xff, 1}, Form{0xc2, 0xdf, 0x80, 0xbf, 2}, Form{0xe0, 0xe0, 0xa0, 0xbf, 3},
    Form{0xe1, 0xec, 0x80, 0xbf, 3}, Form{0xed, 0xed, 0x80, 0x9f, 3}, Form{0xee, 0xef, 0x80, 0xbf, 3},
    Form{0xf0, 0xf0, 0x90, 0xbf, 4}, Form{0xf1, 0xf3, 0x80, 0xbf, 4}, Form{0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

bool has_form(std::string_view text, const Form& form) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < form.first_low || first > form.first_high || text.size() < form.length) {
    return false;
  }
  if (form.length == 1) {
    return true;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const std::string_view rest = text.substr(2, form.length - 2);
  return second >= form.second_low && second <= form.second_high &&
         std::all_of(rest.begin(), rest.end(), is_continuation);
}

/// Length of the well-formed sequence that `text` starts with, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto* form =
      std::find_if(k_forms.begin(), k_forms.end(), [&](const Form& candidate) { return has_form(text, candidate); });
  return form == k_forms.end() ? 0 : form->length;
}

} // namespace

std::string valid_utf8(std::string_view text) {
  constexpr std::string_view k_replacement = "\xef\xbf\xbd";
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    valid += length == 0 ? k_replacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::size_t count_characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

} // namespace teal
