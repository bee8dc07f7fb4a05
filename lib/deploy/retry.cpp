#include "deploy/retry.hpp"

#include "config/load.hpp"

#include <algorithm>

namespace teal {

namespace {

constexpr Milliseconds k_first_pause = std::chrono::seconds(10);
constexpr Milliseconds k_longest_pause = std::chrono::minutes(5);
constexpr int k_most_doublings = 10;
constexpr Milliseconds k_patience = std::chrono::seconds(2);

bool answers(engine::Engine& engine) {
  try {
    engine.call("GET", "/_ping", {}, k_patience);
    return true;
  } catch (const engine::ApiError&) {
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Settings that are wrong do not pass.
std::int64_t retries_of(const Home& home, const std::string& app) {
  try {
    return load_app_settings(home, app).deploy.retries;
  } catch (const Error&) {
    return 0;
  }
}

} // namespace

bool may_pass(const Error& error) {
  return error.kind() == ErrorKind::environment || error.kind() == ErrorKind::timeout;
}

bool may_pass(const Error& error, const FailurePoint& point, engine::Engine& engine) {
  if (!may_pass(error)) {
    return false;
  }
  if (!point.step) {
    return !point.has_begun || !answers(engine);
  }
  switch (*point.step) {
  case StepName::checkout: // submodules and LFS are fetched
  case StepName::publish:
  case StepName::pull:
    return true;
  case StepName::build:
  case StepName::check:
    return false;
  default:
    return !answers(engine);
  }
}

std::optional<Milliseconds> pause_before_retry(const Home& home, const Deployment& failed) {
  const bool is_by_hand = failed.event.trigger == Trigger::cli || failed.from_release;
  if (is_by_hand || failed.retry >= retries_of(home, failed.event.app)) {
    return std::nullopt;
  }
  return std::min(k_longest_pause, k_first_pause * (1 << std::min(failed.retry, k_most_doublings)));
}

} // namespace teal
