#include "engine/stream.hpp"
#include "support/catch.hpp"

#include <string>

using namespace teal::engine;

namespace {

std::string frame(char stream, const std::string& text) {
  std::string header(8, '\0');
  header[0] = stream;
  header[6] = static_cast<char>(text.size() >> 8U);
  header[7] = static_cast<char>(text.size() & 0xFFU);
  return header + text;
}

} // namespace

TEST_CASE("frames of both streams are joined in the order sent") {
  CHECK(demultiplex(frame(1, "out\n") + frame(2, "err\n") + frame(1, "more\n")) == "out\nerr\nmore\n");
}

TEST_CASE("a frame longer than 255 bytes is read whole") {
  const std::string text(700, 'x');
  CHECK(demultiplex(frame(1, text) + frame(1, "end")) == text + "end");
}

TEST_CASE("an empty frame is no end") {
  CHECK(demultiplex(frame(1, "") + frame(2, "after")) == "after");
}

TEST_CASE("a last frame that is cut short gives what there is of it") {
  const std::string whole = frame(1, "first\n") + frame(2, "second\n");
  CHECK(demultiplex(whole.substr(0, whole.size() - 3)) == "first\nseco");
  CHECK(demultiplex(whole.substr(0, frame(1, "first\n").size() + 4)) == "first\n");
}

TEST_CASE("a terminal's plain output stays as it is") {
  CHECK(demultiplex("plain\r\n") == "plain\r\n");
  CHECK(demultiplex("x") == "x");
  CHECK(demultiplex("").empty());
}
