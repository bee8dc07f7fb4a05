#include "model/color.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a color is read back from its name") {
  for (const Color color : k_colors) {
    CHECK(parse_color(to_string(color)) == color);
  }
  CHECK(to_string(Color::green) == "green");
}

TEST_CASE("no other text is a color") {
  for (const char* text : {"", "Blue", "blue ", "bl", "red", "idle", "live"}) {
    INFO(text);
    CHECK_FALSE(parse_color(text));
  }
}

TEST_CASE("each color is the other's other") {
  CHECK(other(Color::blue) == Color::green);
  CHECK(other(Color::green) == Color::blue);
}
