/// @file
/// Push: what git tells a post-receive hook, and which of it asks for a deployment.
#pragma once

#include "git/repository.hpp"
#include "model/color.hpp"
#include "model/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// One line of the hook's standard input (githooks(5)): "<old> SP <new> SP <ref>".
struct RefUpdate {
  std::string old_commit; ///< empty for a ref that is new
  std::string new_commit; ///< empty for a ref that was deleted
  std::string ref;        ///< full name
};

/// Throws Error(usage) for a line that is not of that form.
[[nodiscard]] std::vector<RefUpdate> parse_ref_updates(std::string_view input);

struct PushContext {
  const git::Repository& repository;
  std::string app;
  Color color = Color::blue;
  const std::vector<std::string>& branches; ///< what may be deployed, the first one first
  std::string who;
  TimePoint at;
};

/// What a push comes to: a word on each ref that is not deployed, and at most one event.
struct PushAnswer {
  std::vector<std::string> notes;
  std::optional<Event> event;
};

/// Of several branches that may be deployed, the one that the settings name first is.
[[nodiscard]] PushAnswer answer_push(const PushContext& context, const std::vector<RefUpdate>& updates);

/// The event of a deployment asked for by hand: of `revision`, or, where it is empty, of the first of the branches that
/// the repository has. Throws Error(usage) if there is no such commit.
[[nodiscard]] Event event_by_hand(const PushContext& context, std::string_view revision);

} // namespace teal
