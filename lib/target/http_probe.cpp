#include "target/http_probe.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr Milliseconds k_first_pause{25};
constexpr std::size_t k_body_limit = std::size_t{4} << 20U;
constexpr std::size_t k_quoted_body = 200;

void require_uninterrupted(const std::stop_token& interrupt) {
  if (interrupt.stop_requested()) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
}

void require_to_stay_so(const ProbePatience& patience, const std::stop_token& interrupt,
                        const std::function<Probe()>& look) {
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < patience.settle) {
    sleep_unless(interrupt, std::min(patience.interval, patience.settle - stopwatch.elapsed()));
    require_uninterrupted(interrupt);
    const Probe probe = look();
    if (!probe.healthy) {
      static_cast<void>(look()); // what ended in the middle of the first one is told as such
      throw Error(ErrorKind::environment, fmt::format("healthy at first, but not for {} (health.settle): {}",
                                                      format_duration(patience.settle), probe.answer));
    }
  }
}

} // namespace

Probe probe_http(const ProbeRequest& request, const StatusCodes& expect) {
  http::Client client(request.endpoint);
  try {
    const auto response = client.request(
        {.target = request.target,
         .headers = {{"Host", request.host}, {"User-Agent", "tealhook-health"}, {"Connection", "close"}}},
        {.connect = request.connect, .total = request.timeout, .body = k_body_limit});
    const bool healthy = expect.contains(response.status);
    const std::string body = healthy ? "" : shorten(printable(trim(response.body)), k_quoted_body);
    return {healthy, true, fmt::format("{} -> {}{}{}", request.shown, response.status, body.empty() ? "" : ": ", body)};
  } catch (const Error& error) {
    return {false, false, fmt::format("{}: {}", request.shown, error.message())};
  }
}

ProbeRequest probe_request_of(const std::string& url, Milliseconds timeout) {
  const std::size_t authority = url.find("://") + 3;
  const std::size_t path = std::min(url.find_first_of("/?", authority), url.size());
  const std::string rest = url.substr(path);
  return {.endpoint = http::parse_endpoint(url.substr(0, path)),
          .target = rest.starts_with('/') ? rest : "/" + rest,
          .host = url.substr(authority, path - authority),
          .shown = "GET " + url,
          .connect = timeout,
          .timeout = timeout};
}

std::string await_healthy(const ProbePatience& patience, const std::stop_token& interrupt,
                          const std::function<Probe()>& look) {
  const Stopwatch stopwatch;
  for (Milliseconds pause = k_first_pause;; pause = std::min(pause * 3 / 2, patience.interval)) {
    require_uninterrupted(interrupt);
    const Probe probe = look();
    if (probe.healthy) {
      require_to_stay_so(patience, interrupt, look);
      return probe.answer;
    }
    if (stopwatch.elapsed() + pause > patience.deadline) {
      throw Error(ErrorKind::timeout,
                  fmt::format("not healthy within {}: {}", format_duration(patience.deadline), probe.answer));
    }
    sleep_unless(interrupt, pause);
  }
}

} // namespace teal
