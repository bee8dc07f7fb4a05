#include "core/clock.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

using namespace teal;
using namespace std::chrono_literals;

TEST_CASE("a time is written in UTC, to the second") {
  using namespace std::chrono;
  const TimePoint time = sys_days(2026y / November / 21) + 3h + 34s + 999ms;
  CHECK(format_time(time) == "2026-11-21T03:00:34Z");
  CHECK(format_time(TimePoint()) == "1970-01-01T00:00:00Z");
}

TEST_CASE("the system's clock is the system's") {
  const auto before = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  const TimePoint now = SystemClock().now();
  CHECK(before <= now);
  CHECK(now <= std::chrono::system_clock::now());
}

TEST_CASE("a stopwatch runs from its making") {
  const Stopwatch watch;
  wait_until([&] { return watch.elapsed() >= 2ms; }, 10s, "the stopwatch to run");
}

TEST_CASE("a time as RFC 3339 has it is read, with its fraction and its offset") {
  using namespace std::chrono;
  const TimePoint time = sys_days(2026y / November / 21) + 3h + 34s + 123ms;
  CHECK(parse_time("2026-11-21T03:00:34.123456789Z") == time);
  CHECK(parse_time("2026-11-21T04:30:34.123+01:30") == time);
  CHECK(parse_time("2026-11-20T22:00:34.1234-05:00") == time);
  CHECK(parse_time("2026-11-21T03:00:34Z") == time - 123ms);
  for (const char* text : {"", "yesterday", "2026-11-21", "2026-11-21T03:00:34", "2026-11-21T03:00:34x"}) {
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("a sleep ends with its time or with its interrupt") {
  const Stopwatch stopwatch;
  sleep_unless({}, Milliseconds(20));
  CHECK(stopwatch.elapsed() >= Milliseconds(20));
  std::stop_source interrupt;
  interrupt.request_stop();
  sleep_unless(interrupt.get_token(), std::chrono::hours(10));
}
