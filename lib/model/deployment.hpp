/// @file
/// Deployment: one run of the pipeline for one Event, with its steps and its outcome.
#pragma once

#include "core/clock.hpp"
#include "model/color.hpp"
#include "model/destination.hpp"
#include "model/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

enum class Status { queued, running, live, ready, failed, superseded, cancelled };
enum class StepName { checkout, build, publish, pull, start, check, switch_, drain, retire };
enum class StepStatus { running, done, failed };

[[nodiscard]] std::string_view to_string(Status status) noexcept;
[[nodiscard]] std::string_view to_string(StepName step) noexcept;
[[nodiscard]] std::string_view to_string(StepStatus status) noexcept;
[[nodiscard]] std::optional<Status> parse_status(std::string_view text) noexcept;
[[nodiscard]] std::optional<StepName> parse_step_name(std::string_view text) noexcept;
[[nodiscard]] std::optional<StepStatus> parse_step_status(std::string_view text) noexcept;

/// Neither queued nor running: nothing will change it any more.
[[nodiscard]] bool is_final(Status status) noexcept;
/// live or ready: the slot runs this deployment's release, unless a later deployment came.
[[nodiscard]] bool is_success(Status status) noexcept;

struct Step {
  StepName name = StepName::checkout;
  StepStatus status = StepStatus::running;
  TimePoint started;
  Milliseconds duration{0};
  std::string fact; ///< what is worth knowing about it: "3 files changed"
};

struct Deployment {
  std::int64_t id = 0; ///< 0 until stored
  Event event;
  Destination destination = Destination::idle(); ///< where it was asked to go
  std::optional<Color> color;                    ///< where it went, once it has begun; a target may have none
  Status status = Status::queued;
  bool from_release = false; ///< it runs a kept release, and builds nothing
  bool is_restart = false;   ///< of whatever its color runs when it begins, with the settings of then: from_release too
  std::int64_t release = 0;  ///< 0 until built
  TimePoint created;
  std::optional<TimePoint> started;
  std::optional<TimePoint> finished;
  int attempts = 0;              ///< runners that began it: more than one where a runner was killed
  Milliseconds engine_time{0};   ///< of it, time spent waiting for the engine and its command line
  std::uint64_t peak_memory = 0; ///< bytes the runner held at most, up to its end
  std::string outcome;           ///< one line: the address if it succeeded, the reason if not
  std::vector<Step> steps;
  std::optional<TimePoint> due = {}; ///< it does not begin before; nothing: at once
  int retry = 0;                     ///< so many deployments of its event failed before it, for causes that may pass
  std::int64_t retry_of = 0;         ///< the last of these; 0: none
  int replicas =
      0; ///< it brings whatever its color runs to so many, and nothing else: from_release too; 0: it does not
};

/// "green", where it went; before it has begun, where it is to go: "live".
[[nodiscard]] std::string_view place_of(const Deployment& deployment) noexcept;
/// The command that asks for the same once more, whatever was asked for since.
[[nodiscard]] std::string command_to_repeat(const Deployment& deployment);
/// The outcome of one that a person has cancelled: "cancelled by anna".
[[nodiscard]] std::string cancelled_by(std::string_view who);
/// Whether a person has cancelled it, and no freeze.
[[nodiscard]] bool is_cancelled_by_hand(const Deployment& deployment);

} // namespace teal
