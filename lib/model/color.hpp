/// @file
/// Color: which of an app's two slots.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace teal {

enum class Color { blue, green };

inline constexpr std::array k_colors{Color::blue, Color::green};

[[nodiscard]] std::string_view to_string(Color color) noexcept;
[[nodiscard]] std::optional<Color> parse_color(std::string_view text) noexcept;
[[nodiscard]] Color other(Color color) noexcept;

} // namespace teal
