/// @file
/// Clock: where the time of day comes from, so that tests can set it; and a Stopwatch for durations.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

namespace teal {

using Milliseconds = std::chrono::milliseconds;
/// A time of day, UTC, to the millisecond.
using TimePoint = std::chrono::sys_time<Milliseconds>;

class Clock {
public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
public:
  [[nodiscard]] TimePoint now() const override;
};

/// Time since construction, on the monotonic clock.
class Stopwatch {
public:
  [[nodiscard]] Milliseconds elapsed() const;

private:
  std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// Sleeps for `duration`, or until `interrupt` is asked for.
void sleep_unless(const std::stop_token& interrupt, Milliseconds duration);

/// "2026-11-21T03:00:34Z" (RFC 3339, whole seconds).
[[nodiscard]] std::string format_time(TimePoint time);
/// RFC 3339 with any fraction of a second and any offset. Nothing for what is no such time.
[[nodiscard]] std::optional<TimePoint> parse_time(const std::string& text);

} // namespace teal
