/// @file
/// Event: something that asks for a deployment, whatever door it came through.
#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal {

/// The door it came through.
enum class Trigger { push, webhook, registry, poll, file, cli, api };

[[nodiscard]] std::string_view to_string(Trigger trigger) noexcept;
[[nodiscard]] std::optional<Trigger> parse_trigger(std::string_view text) noexcept;

struct Event {
  std::int64_t id = 0; ///< 0 until stored
  std::string app;
  Trigger trigger = Trigger::cli;
  std::string repository; ///< absolute path of the bare repo that has the new commit
  std::string ref;        ///< full name ("refs/heads/main"), or the revision asked for
  std::string old_commit; ///< 40 hex digits; empty where there was none
  std::string new_commit; ///< 40 hex digits; empty where there is an artifact
  std::string subject;    ///< first line of the commit's message, printable
  std::string who;        ///< as Principal::text()
  TimePoint at;
  /// What was built elsewhere and is to be run, as its target names it (an image by its reference), in place of a
  /// commit that is built here; then `ref` is what people call it, and there is no repository.
  std::string artifact = {};
  std::string from = {}; ///< where they were (Origin::from): kept by the audit, not with the event
};

/// "main" of "refs/heads/main", "v1" of "refs/tags/v1"; any other text as it is.
[[nodiscard]] std::string_view short_ref(std::string_view ref) noexcept;
/// The first 7 digits of a commit id, as people quote it; "image" of none: what was built elsewhere need not have one.
[[nodiscard]] std::string_view short_commit(std::string_view commit) noexcept;

} // namespace teal
