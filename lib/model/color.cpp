#include "model/color.hpp"

namespace teal {

std::string_view to_string(Color color) noexcept {
  return color == Color::blue ? "blue" : "green";
}

std::optional<Color> parse_color(std::string_view text) noexcept {
  for (const Color color : k_colors) {
    if (text == to_string(color)) {
      return color;
    }
  }
  return std::nullopt;
}

Color other(Color color) noexcept {
  return color == Color::blue ? Color::green : Color::blue;
}

} // namespace teal
