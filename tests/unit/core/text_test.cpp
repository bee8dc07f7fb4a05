#include "core/text.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("trim takes blanks off both ends") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(trim("").empty());
}

TEST_CASE("split keeps empty pieces and join undoes it") {
  CHECK(split("a,,b,", ',') == std::vector<std::string>{"a", "", "b", ""});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(join(split("a,,b,", ','), ",") == "a,,b,");
  CHECK(join({}, ",").empty());
}

TEST_CASE("printable leaves nothing that could drive a terminal") {
  CHECK(printable("\x1b[31mred\a\x7f\r") == "?[31mred???");
  CHECK(printable("a\tb\nc") == "a\tb?c");
  CHECK(printable("a\nb", true) == "a\nb");
  CHECK(printable("caf\xc3\xa9 \xe2\x82\xac") == "caf\xc3\xa9 \xe2\x82\xac");
  CHECK(printable("\xc2\x9b"
                  "31m") == "??31m");
  CHECK(printable("\xc2\xa0") == "\xc2\xa0");
  CHECK(printable("\xc2") == "\xc2");
  CHECK(printable(std::string("\0", 1)) == "?");
}

TEST_CASE("shorten marks the cut and never splits a character") {
  CHECK(shorten("abcdef", 6) == "abcdef");
  CHECK(shorten("abcdefg", 6) == "abc...");
  CHECK(shorten("ab\xe2\x82\xac"
                "cdef",
                6) == "ab...");
  CHECK(shorten("\xe2\x82\xac\xe2\x82\xac", 5) == "...");
  CHECK(shorten("abcdef", 2) == "..");
  CHECK(shorten("abc", 0).empty());
}

TEST_CASE("last_lines gives whole lines from the end") {
  CHECK(last_lines("a\nb\nc\n", 2) == "b\nc");
  CHECK(last_lines("a\nb\nc", 2) == "b\nc");
  CHECK(last_lines("a\n\nc\n\n\n", 2) == "\nc");
  CHECK(last_lines("a\nb", 9) == "a\nb");
  CHECK(last_lines("a\nb", 0).empty());
  CHECK(last_lines("\n\n", 3).empty());
}

TEST_CASE("parse_port takes a number that a port can have") {
  CHECK(parse_port("1") == 1);
  CHECK(parse_port("65535") == 65535);
  for (const char* bad : {"", "0", "-1", "65536", "80 ", "http"}) {
    CHECK_FALSE(parse_port(bad));
  }
}

TEST_CASE("parse_integer takes a whole decimal number and nothing else") {
  CHECK(parse_integer("-42") == -42);
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* bad : {"", " 1", "1 ", "+1", "0x1", "1.0", "1e3", "--1", "9223372036854775808"}) {
    INFO(bad);
    CHECK_FALSE(parse_integer(bad));
  }
}

TEST_CASE("parse_duration wants a unit on every number") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("1m30s") == 90s);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0") == 0ms);
  CHECK(parse_duration("3650d") == 87'600h);
  for (const char* bad : {"", "5", "s", "-1s", "1.5s", "1 s", "1s ", "1s5", "1x", "1S", "3651d",
                          "99999999999999999999s", "18446744073709551615ms", "3650d1s"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("parse_size knows units of 1024 and of 1000") {
  CHECK(parse_size("1024") == 1024);
  CHECK(parse_size("64k") == 65'536);
  CHECK(parse_size("1 GiB") == 1'073'741'824);
  CHECK(parse_size("100MB") == 100'000'000);
  CHECK(parse_size("0") == 0);
  for (const char* bad : {"", "GiB", "-1", "1.5GiB", "1 XB", "1GiBs", "16777216TiB", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(parse_size(bad));
  }
}

TEST_CASE("durations are written for people") {
  CHECK(format_seconds(34ms) == "0.03 s");
  CHECK(format_seconds(1'219ms) == "1.21 s");
  CHECK(format_seconds(59'999ms) == "59.99 s");
  CHECK(format_seconds(125s) == "2 m 05 s");
  CHECK(format_age(1s) == "just now");
  CHECK(format_age(-5s) == "just now");
  CHECK(format_age(119s) == "119 s");
  CHECK(format_age(2min) == "2 min");
  CHECK(format_age(47h) == "47 h");
  CHECK(format_age(48h) == "2 d");
}

TEST_CASE("format_duration is read back by parse_duration") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(1'500ms) == "1500ms");
  CHECK(format_duration(60s) == "1m");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(120min) == "2h");
  for (const Milliseconds duration : {0ms, 1ms, 999ms, 1'000ms, 59'000ms, 3'600'000ms, 86'400'001ms}) {
    CHECK(parse_duration(format_duration(duration)) == duration);
  }
}

TEST_CASE("a size is written in the unit that keeps it below 1024") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1'023) == "1023 B");
  CHECK(format_size(1'024) == "1.0 KiB");
  CHECK(format_size(1'536) == "1.5 KiB");
  CHECK(format_size(1'048'575) == "1.0 MiB");
  CHECK(format_size(1'073'741'824) == "1.0 GiB");
  CHECK(format_size(std::numeric_limits<std::uint64_t>::max()) == "16777216.0 TiB");
}

TEST_CASE("a text has the same fingerprint everywhere and for ever") {
  CHECK(fingerprint("") == 0xcbf29ce484222325);
  CHECK(fingerprint("a") == 0xaf63dc4c8601ec8c);
  CHECK(fingerprint("foobar") == 0x85944171f73967e8);
}
