#include "core/clock.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>

namespace teal {

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

Milliseconds Stopwatch::elapsed() const {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - m_start);
}

void sleep_unless(const std::stop_token& interrupt, Milliseconds duration) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, interrupt, duration, [] { return false; });
}

std::optional<TimePoint> parse_time(const std::string& text) {
  std::tm fields{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &fields);
  if (rest == nullptr) {
    return std::nullopt;
  }
  Milliseconds fraction{0};
  if (*rest == '.') {
    for (int unit = 100; *++rest >= '0' && *rest <= '9'; unit /= 10) {
      fraction += Milliseconds((*rest - '0') * unit);
    }
  }
  int hours = 0;
  int minutes = 0;
  char sign = '+';
  const bool has_offset = std::sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) == 3 && (sign == '+' || sign == '-');
  if (!has_offset && std::strcmp(rest, "Z") != 0) {
    return std::nullopt;
  }
  const auto offset = has_offset ? std::chrono::hours(hours) + std::chrono::minutes(minutes) : std::chrono::minutes(0);
  return TimePoint(std::chrono::seconds(::timegm(&fields))) + fraction - (sign == '-' ? -offset : offset);
}

std::string format_time(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

} // namespace teal
