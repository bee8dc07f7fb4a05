#include "model/destination.hpp"
#include "support/catch.hpp"

#include <string>

using namespace teal;

TEST_CASE("a destination is read from its text and keeps it") {
  for (const char* text : {"blue", "green", "idle", "live", "heroku", "eu-west_2"}) {
    INFO(text);
    CHECK(Destination::parse(text).value().text() == text);
  }
  for (const std::string text : {"", "none", "Blue", "2nd", "a b", "-x", "../x"}) {
    INFO(text);
    CHECK_FALSE(Destination::parse(text));
  }
  CHECK_FALSE(Destination::parse(std::string(41, 'a')));
}

TEST_CASE("a destination is a color or the idle one or live or a target") {
  CHECK(Destination(Color::green).color() == Color::green);
  CHECK_FALSE(Destination(Color::green).takes_idle_color());
  CHECK_FALSE(Destination::idle().color());
  CHECK(Destination::idle().takes_idle_color());
  CHECK_FALSE(Destination::idle().moves_traffic());
  CHECK(Destination::live().takes_idle_color());
  CHECK(Destination::live().moves_traffic());
  CHECK_FALSE(Destination::live().is_target());
  const Destination target = Destination::parse("heroku").value();
  CHECK(target.is_target());
  CHECK_FALSE(target.color());
  CHECK_FALSE(target.takes_idle_color());
}

TEST_CASE("destinations have the same place in the queue if they are the same") {
  CHECK(Destination(Color::blue).queue_key() == Destination::parse("blue").value().queue_key());
  CHECK(Destination::live().queue_key() != Destination::idle().queue_key());
  CHECK(Destination(Color::blue).queue_key() != Destination(Color::green).queue_key());
}
