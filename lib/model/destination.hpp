/// @file
/// Destination: where an Event is to go: a color, whichever is idle, live, or a target.
///
/// Invariant: it is a wish. Which color an idle or a live one comes to is a fact, a Color, and is known when its
/// deployment begins, not before: traffic may move meanwhile.
#pragma once

#include "model/color.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace teal {

class Destination {
public:
  /// A fact can be wished for.
  Destination(Color color) : m_text(to_string(color)) {}
  /// The color that is not live.
  [[nodiscard]] static Destination idle() { return Destination(std::string(k_idle)); }
  /// The color that is not live, and live traffic moves to it.
  [[nodiscard]] static Destination live() { return Destination(std::string(k_live)); }
  /// "blue", "green", "idle", "live", or a target's name: 1 to 40 of a-z, 0-9, '-' and '_', a letter first, and not
  /// "none". Nothing for any other text.
  [[nodiscard]] static std::optional<Destination> parse(std::string_view text);

  /// The color that it names.
  [[nodiscard]] std::optional<Color> color() const { return parse_color(m_text); }
  /// Its color is chosen when its deployment begins.
  [[nodiscard]] bool takes_idle_color() const { return m_text == k_idle || moves_traffic(); }
  /// Live traffic moves to what was deployed.
  [[nodiscard]] bool moves_traffic() const { return m_text == k_live; }
  [[nodiscard]] bool is_target() const { return !takes_idle_color() && !color(); }

  /// As parse() reads it.
  [[nodiscard]] const std::string& text() const { return m_text; }
  /// What supersedes what: of an app's events, a newer one takes the place of one that waits if they have the same key.
  /// Live and idle have not: a newer event that only goes to the idle color must not lose the older one's move of
  /// traffic.
  [[nodiscard]] const std::string& queue_key() const { return m_text; }

  friend bool operator==(const Destination&, const Destination&) = default;

private:
  explicit Destination(std::string text) : m_text(std::move(text)) {}

  static constexpr std::string_view k_idle = "idle";
  static constexpr std::string_view k_live = "live";
  std::string m_text;
};

} // namespace teal
