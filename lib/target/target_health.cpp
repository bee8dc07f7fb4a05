#include "target/target_health.hpp"

#include "core/text.hpp"
#include "target/http_probe.hpp"

#include <fmt/format.h>

namespace teal {

void check_health(const PlainOrder& order, const TargetSettings::Health& health) {
  if (health.url.empty()) {
    return;
  }
  order.steps.step(StepName::check, [&] { return await_healthy(health, order.interrupt); });
}

std::string await_healthy(const TargetSettings::Health& health, const std::stop_token& interrupt) {
  const ProbeRequest request = probe_request_of(health.url, health.timeout);
  return await_healthy({.interval = health.interval, .deadline = health.deadline, .settle = health.settle}, interrupt,
                       [&] { return probe_http(request, health.expect); });
}

std::string describe(const TargetSettings::Health& health) {
  return health.url.empty() ? "" : fmt::format("GET {} within {}", health.url, format_duration(health.deadline));
}

} // namespace teal
