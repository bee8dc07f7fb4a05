#include "model/deployment.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace teal {

namespace {

constexpr std::string_view k_cancelled_by = "cancelled by ";

template <class Value, std::size_t N>
using Names = std::array<std::pair<Value, std::string_view>, N>;

constexpr Names<Status, 7> k_statuses{{{Status::queued, "queued"},
                                       {Status::running, "running"},
                                       {Status::live, "live"},
                                       {Status::ready, "ready"},
                                       {Status::failed, "failed"},
                                       {Status::superseded, "superseded"},
                                       {Status::cancelled, "cancelled"}}};

constexpr Names<StepName, 9> k_step_names{{{StepName::checkout, "checkout"},
                                           {StepName::build, "build"},
                                           {StepName::publish, "publish"},
                                           {StepName::pull, "pull"},
                                           {StepName::start, "start"},
                                           {StepName::check, "check"},
                                           {StepName::switch_, "switch"},
                                           {StepName::drain, "drain"},
                                           {StepName::retire, "retire"}}};

constexpr Names<StepStatus, 3> k_step_statuses{
    {{StepStatus::running, "running"}, {StepStatus::done, "done"}, {StepStatus::failed, "failed"}}};

template <class Value, std::size_t N>
std::string_view name_of(const Names<Value, N>& names, Value wanted) noexcept {
  for (const auto& [value, name] : names) {
    if (value == wanted) {
      return name;
    }
  }
  return "?";
}

template <class Value, std::size_t N>
std::optional<Value> value_of(const Names<Value, N>& names, std::string_view text) noexcept {
  for (const auto& [value, name] : names) {
    if (name == text) {
      return value;
    }
  }
  return std::nullopt;
}

} // namespace

std::string_view to_string(Status status) noexcept {
  return name_of(k_statuses, status);
}
std::string_view to_string(StepName step) noexcept {
  return name_of(k_step_names, step);
}
std::string_view to_string(StepStatus status) noexcept {
  return name_of(k_step_statuses, status);
}
std::optional<Status> parse_status(std::string_view text) noexcept {
  return value_of(k_statuses, text);
}
std::optional<StepName> parse_step_name(std::string_view text) noexcept {
  return value_of(k_step_names, text);
}
std::optional<StepStatus> parse_step_status(std::string_view text) noexcept {
  return value_of(k_step_statuses, text);
}

std::string_view place_of(const Deployment& deployment) noexcept {
  return deployment.color ? to_string(*deployment.color) : std::string_view(deployment.destination.text());
}

std::string command_to_repeat(const Deployment& deployment) {
  constexpr std::size_t k_sure_digits = 12; // of a commit's id, among those of a large repository
  if (deployment.replicas > 0) {
    return fmt::format("tealhook scale {} {} --color {}", deployment.event.app, deployment.replicas,
                       deployment.destination.text());
  }
  if (deployment.is_restart) {
    return fmt::format("tealhook restart {} --color {}", deployment.event.app, deployment.destination.text());
  }
  if (deployment.from_release) {
    return fmt::format("tealhook rollback {} {}", deployment.event.app, deployment.release);
  }
  if (!deployment.event.artifact.empty()) {
    return fmt::format("tealhook deploy {} --color {} --image {}", deployment.event.app, deployment.destination.text(),
                       deployment.event.artifact);
  }
  return fmt::format("tealhook deploy {} --{} {} --rev {}", deployment.event.app,
                     deployment.destination.is_target() ? "target" : "color", deployment.destination.text(),
                     deployment.event.new_commit.substr(0, k_sure_digits));
}

bool is_final(Status status) noexcept {
  return status != Status::queued && status != Status::running;
}
bool is_success(Status status) noexcept {
  return status == Status::live || status == Status::ready;
}

std::string cancelled_by(std::string_view who) {
  return std::string(k_cancelled_by).append(who);
}

bool is_cancelled_by_hand(const Deployment& deployment) {
  return deployment.status == Status::cancelled && deployment.outcome.starts_with(k_cancelled_by);
}

} // namespace teal
